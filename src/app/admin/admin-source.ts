import { posix } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { Records } from '../../io/store/records.ts';
import type { BundleShelf } from '../control/bundle-shelf.ts';
import type { ControlPlane } from '../control/control-plane.ts';
import { addDeciderMetrics } from '../control/decider-metrics.ts';
import { addFleetMetrics } from '../control/fleet-metrics.ts';
import type { RunningFleetServer } from '../control/fleet-server.ts';
import { type FleetFacts, type FleetQuery, type FleetView, fleetView } from '../control/fleet-view.ts';
import type { NodeIdentities } from '../control/node-identities.ts';
import type { Publisher } from '../control/publisher.ts';
import type { RemoteDeciders } from '../control/remote-deciders.ts';
import { rolloutStatus } from '../control/rollout-view.ts';
import type { ServerStatus } from '../control/server-status.ts';
import { engineStatuses, proxyStatuses } from '../control/status-of.ts';
import type { Decider } from '../decider/decider.ts';
import type { EngineWatch } from '../decider/watch-engines.ts';
import { explainRecord } from '../explain/explain-record.ts';
import type { Metrics } from '../metrics.ts';
import { watchConditions } from '../reporting/condition-watch.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { SecretReader } from '../settings/secret-reader.ts';
import type { TlsSource } from '../settings/tls-source.ts';
import { releaseCommit } from '../source/release.ts';
import type { WatchedRepository } from '../source/watch-repository.ts';
import { VERSION } from '../version.ts';
import type { AdminSource } from './admin-api.ts';
import type { RolloutControl } from './rollout-routes.ts';

/** The parts of the process, as the admin API sees them. */
export interface ServeParts {
  readonly settings: BootSettings;
  readonly secrets: SecretReader;
  readonly plane: ControlPlane;
  readonly publisher: Publisher;
  readonly fleet: RunningFleetServer;
  readonly repository: WatchedRepository;
  readonly engines: EngineWatch;
  readonly decider: Decider;
  readonly records: Records;
  readonly shelf: BundleShelf;
  readonly metrics: Metrics;
  readonly identities: NodeIdentities;
  readonly tls: TlsSource | undefined;
  readonly deciders: RemoteDeciders | undefined;
}

/** What the admin API answers from; the metrics tell of the fleet too from then on. */
export function adminSource(parts: ServeParts): AdminSource {
  addFleetMetrics(parts.metrics.registry, {
    proxies: () => parts.fleet.server.status(),
    refusedCount: parts.identities.refusedCount,
    tls: () => parts.tls?.status(),
  });
  const { deciders } = parts;
  if (deciders !== undefined) addDeciderMetrics(parts.metrics.registry, deciders.status);
  const conditions = watchConditions(
    {
      ledger: () => parts.plane.keptLedger,
      diagnostics: () => parts.plane.diagnostics,
      source: parts.repository.status,
      proxies: parts.fleet.server.status,
      isPaused: () => parts.plane.isPaused,
      nowMs: Date.now,
    },
    parts.metrics.registry,
  );
  return {
    status: () => ({ ...statusOf(parts), conditions: conditions.current() }),
    fleet: (query) => fleetOf(parts, query),
    rollout: rolloutControl(parts),
    source: parts.repository.control,
    reconcile: parts.repository.reconcile,
    record: (id, isRerun) => explain(id, isRerun, parts),
    records: (limit) => parts.records.latest(limit),
    metrics: parts.metrics.text,
    ready: () => parts.plane.keptLedger.live !== undefined,
  };
}

function statusOf(parts: ServeParts): Omit<ServerStatus, 'conditions'> {
  const { plane, decider } = parts;
  const { live, candidate, newest } = plane.keptLedger;
  const current = [live, candidate].flatMap((mark) => mark?.digest ?? []);
  const storeFailure = parts.shelf.failure();
  const { written, dropped } = parts.records.stats();
  const refused = parts.identities.refused();
  const lastHandledReconcileAt = parts.repository.handledReconcileAt();
  return {
    version: VERSION,
    source: parts.repository.status(),
    ...(live === undefined ? {} : { live: { digest: live.digest, commit: live.commit } }),
    ...(newest === undefined ? {} : { newest: { ...newest, diagnostics: plane.diagnostics } }),
    proxies: proxyStatuses(parts.fleet.server.status(), current),
    engines: engineStatuses(decider.ledger, parts.engines.tables()),
    secrets: [...parts.secrets.values()].map(([name, value]) => ({ name, present: value !== '' })),
    records: { written, dropped },
    ...(storeFailure === undefined ? {} : { storeFailure }),
    ...(parts.tls === undefined ? {} : { tls: parts.tls.status() }),
    ...(parts.deciders === undefined ? {} : { deciders: parts.deciders.status() }),
    ...(refused.length === 0 ? {} : { refusedIdentities: refused }),
    ...(lastHandledReconcileAt === undefined ? {} : { lastHandledReconcileAt }),
  };
}

function fleetOf({ plane, fleet, publisher, identities }: ServeParts, query: FleetQuery): FleetView {
  const facts: FleetFacts = {
    proxies: fleet.server.status(),
    live: plane.keptLedger.live,
    candidate: plane.keptLedger.candidate,
    placesOf: (refused) => placesOf(publisher.explainRefusal({ ...refused, digest: refused.digest as Digest })),
    refusedIdentities: identities.refused(),
  };
  return fleetView(facts, query);
}

function rolloutControl({ plane, fleet, repository }: ServeParts): RolloutControl {
  return {
    status: () => {
      const { live, newest } = plane.keptLedger;
      const { isPaused, rollout, diagnostics, frozen } = plane;
      const nodes = fleet.proxies();
      return rolloutStatus({ isPaused, live, newest, frozen, diagnostics, rollout, nodes, nowMs: performance.now() });
    },
    pause: () => plane.pause(),
    resume: () => plane.resume(),
    release: (commit) => releaseCommit(commit, { plane, retry: () => repository.reconcile('retry') }),
  };
}

/** A resource that no line is behind has none. */
function placesOf(diagnostics: readonly Diagnostic[]): string[] {
  const written = diagnostics.filter(({ span }) => !span.file.startsWith('('));
  return written.map(({ span }) => `${span.file}:${span.start.line}`);
}

function explain(
  id: string,
  isRerun: boolean,
  { records, shelf, repository, settings }: ServeParts,
): ReturnType<typeof explainRecord> {
  const sources = {
    record: (known: string) => records.get(known),
    bundle: shelf.find,
    blame: async (commit: string, path: string, line: number) => {
      try {
        return await repository.mirror.blame(commit, posix.join(settings.repository.path, path), line);
      } catch {
        // A built-in policy, or a commit that is gone: the explanation stands without the author.
        return undefined;
      }
    },
  };
  return explainRecord(id, sources, isRerun);
}
