import { join, posix } from 'node:path';
import type { Authorities } from '../core/envoy/upstream-tls.ts';
import { startExtProcServer } from '../io/http/ext-proc-server.ts';
import { openRecords, type Records } from '../io/store/records.ts';
import { openStateFolder } from '../io/store/state-folder.ts';
import { requiredTool } from '../io/tools/find-tool.ts';
import { startAdminApi } from './admin/admin-api.ts';
import { type BundleShelf, createBundleShelf } from './control/bundle-shelf.ts';
import { ControlPlane } from './control/control-plane.ts';
import { type RunningFleetServer, startFleetServer } from './control/fleet-server.ts';
import { logControlEvent } from './control/log-control-event.ts';
import { createPublisher } from './control/publisher.ts';
import type { ServerStatus } from './control/server-status.ts';
import { engineStatuses, proxyStatuses } from './control/status-of.ts';
import { createDecider, type Decider } from './decider/decider.ts';
import { type EngineWatch, watchEngines } from './decider/watch-engines.ts';
import { explainRecord } from './explain/explain-record.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createPolicyCompiler } from './revision/policy-compiler.ts';
import type { BootSettings } from './settings/boot-settings.ts';
import type { ListenAddress } from '../io/net/listen-address.ts';
import { createSecretReader, type SecretReader } from './settings/secret-reader.ts';
import { treeContext } from './settings/tree-context.ts';
import { type WatchedRepository, watchRepository } from './source/watch-repository.ts';
import { VERSION } from './version.ts';

/** A running headgate: control plane and decider in one process. */
export interface Headgate {
  readonly addresses: { readonly xds: ListenAddress; readonly extProc: ListenAddress; readonly admin: ListenAddress };
  /** Ends the exchanges that are open, writes what is queued, and resolves when nothing is left. */
  readonly close: () => Promise<void>;
}

/** How long open exchanges may go on when the process ends: the longest answers are cut after it. */
const DRAIN_MS = 5_000;

/** The parts of the process, as the admin API sees them. */
interface Parts {
  readonly settings: BootSettings;
  readonly secrets: SecretReader;
  readonly plane: ControlPlane;
  readonly fleet: RunningFleetServer;
  readonly repository: WatchedRepository;
  readonly engines: EngineWatch;
  readonly decider: Decider;
  readonly records: Records;
  readonly shelf: BundleShelf;
}

/**
 * Starts everything: the last good revision from disk, the xDS and ext_proc servers, the engines' scraper, the watch
 * over the repository and the admin API. Resolves when all listen; the first commit may still be on its way. Throws
 * typed errors with a code when a port, a tool or the state folder cannot be had.
 */
export async function startHeadgate(settings: BootSettings, log: Log): Promise<Headgate> {
  const { stateDirectory } = settings;
  const folder = await openStateFolder(stateDirectory);
  const metrics = createMetrics();
  const records = openRecords(join(stateDirectory, 'records.sqlite'), { nowMs: Date.now });
  const decider = createDecider(
    (record) => {
      records.append(record);
      metrics.count(record);
    },
    (digest) => shelf.recall(digest),
  );
  const shelf = createBundleShelf({
    directory: join(stateDirectory, 'bundles'),
    decider,
    inUse: () => [...plane.digests, ...fleet.digests()],
    onFailure: (cause) => log.warn({ cause: String(cause) }, 'bundles on disk'),
  });
  const before = await shelf.before();
  const engines = watchEngines(decider.ledger, log);
  const secrets = createSecretReader(settings.secrets, log);
  const tls = settings.tls === undefined ? {} : { tls: settings.tls };
  const hadProxies = before.served.some(({ taken }) => taken);
  const fleet = await startFleetServer({
    listen: settings.listen.xds,
    ...tls,
    stateDirectory,
    secrets: secrets.read,
    hadProxies,
    log,
  });
  const plane = new ControlPlane(
    {
      compilePolicies: createPolicyCompiler(requiredTool('opa')),
      context: treeContext(settings),
      publisher: createPublisher(fleet.server, authoritiesOf(settings), engines.follow),
      hold: shelf.hold,
      keep: shelf.keep,
      keepFrozen: shelf.keepFrozen,
      acknowledgement: fleet.acknowledgement,
      proxies: fleet.proxies,
      proxiesReturned: fleet.proxiesReturned,
      monotonicMs: () => performance.now(),
      onEvent: (event) => logControlEvent(log, event),
    },
    before,
  );
  fleet.follow(plane);
  // The decider holds what proxies name before any of them can ask it.
  await plane.start();
  const extProc = await startExtProcServer({
    listen: settings.listen.extProc,
    ...tls,
    onExchange: decider.open,
    onFailure: ({ code, detail }) => log.warn({ code, detail }, 'ext_proc stream'),
    isReady: () => decider.held().length > 0,
  });
  const repository = await watchRepository(settings, plane, log);
  const parts: Parts = { settings, secrets, plane, fleet, repository, engines, decider, records, shelf };
  const admin = await startAdminApi(settings.listen.admin, {
    status: () => statusOf(parts),
    reconcile: repository.reconcile,
    record: (id, isRerun) => explain(id, isRerun, parts),
    records: (limit) => records.latest(limit),
    metrics: metrics.text,
    ready: () => plane.ledger.live !== undefined,
  });
  return {
    addresses: { xds: fleet.address, extProc: extProc.address, admin: admin.address },
    close: async () => {
      await admin.close();
      await repository.close();
      engines.close();
      await fleet.close();
      await extProc.drain(DRAIN_MS);
      records.close();
      folder.close();
    },
  };
}

function statusOf({
  settings,
  secrets,
  plane,
  fleet,
  repository,
  engines,
  decider,
  records,
  shelf,
}: Parts): ServerStatus {
  const { live, candidate, newest } = plane.ledger;
  const current = [live, candidate].flatMap((mark) => mark?.digest ?? []);
  const failure = repository.failure();
  const storeFailure = shelf.failure();
  const { written, dropped } = records.stats();
  return {
    version: VERSION,
    source: {
      url: withoutCredentials(settings.repository.url),
      ref: settings.repository.ref,
      ...(failure === undefined ? {} : { failure }),
    },
    ...(live === undefined ? {} : { live: { digest: live.digest, commit: live.commit } }),
    ...(newest === undefined ? {} : { newest: { ...newest, diagnostics: plane.diagnostics } }),
    proxies: proxyStatuses(fleet.server.status(), current),
    engines: engineStatuses(decider.ledger, engines.tables()),
    secrets: [...secrets.values()].map(([name, value]) => ({ name, present: value !== '' })),
    records: { written, dropped },
    ...(storeFailure === undefined ? {} : { storeFailure }),
  };
}

function explain(
  id: string,
  isRerun: boolean,
  { records, shelf, repository, settings }: Parts,
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

function authoritiesOf(settings: BootSettings): Authorities {
  const named = [...settings.authorities].map(([name, pem]) => [name, { pem }] as const);
  return { system: { path: settings.trustedAuthoritiesFile }, named: Object.fromEntries(named) };
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
