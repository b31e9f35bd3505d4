import { join } from 'node:path';
import type { Authorities } from '../core/envoy/upstream-tls.ts';
import { startExtProcServer } from '../io/http/ext-proc-server.ts';
import type { ListenAddress } from '../io/net/listen-address.ts';
import { openRecords } from '../io/store/records.ts';
import { openStateFolder } from '../io/store/state-folder.ts';
import { startAdminApi } from './admin/admin-api.ts';
import { adminSource } from './admin/admin-source.ts';
import { createBundleShelf } from './control/bundle-shelf.ts';
import { ControlPlane } from './control/control-plane.ts';
import { startFleetServer } from './control/fleet-server.ts';
import { createNodeIdentities } from './control/node-identities.ts';
import { createPublisher } from './control/publisher.ts';
import type { RemoteDeciders } from './control/remote-deciders.ts';
import { createRevisionCounts } from './control/revision-counts.ts';
import { serveDeciders, withDeciders } from './control/serve-deciders.ts';
import { servePorts } from './control/serve-ports.ts';
import { countUpstreams } from './control/upstream-metrics.ts';
import { createDecider } from './decider/decider.ts';
import { watchEngines } from './decider/watch-engines.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { peerFailures } from './peer-failures.ts';
import { startReporting } from './reporting/start-reporting.ts';
import type { BootSettings } from './settings/boot-settings.ts';
import { createSecretReader } from './settings/secret-reader.ts';
import { openTls } from './settings/tls-source.ts';
import { createReverts } from './source/reverts.ts';
import { watchRepository } from './source/watch-repository.ts';

/** A running headgate: control plane and decider in one process. */
export interface Headgate {
  readonly addresses: { readonly xds: ListenAddress; readonly extProc: ListenAddress; readonly admin: ListenAddress };
  /** Ends the exchanges that are open, writes what is queued, and resolves when nothing is left. */
  readonly close: () => Promise<void>;
}

/** How long open exchanges may go on when the process ends: the longest answers are cut after it. */
const DRAIN_MS = 5_000;

/**
 * Starts everything: the last good revision from disk, the xDS and ext_proc servers, the engines' scraper, the watch
 * over the repository and the admin API. Resolves when all listen; the first commit may still be on its way. Throws
 * typed errors with a code when a port, a tool or the state folder cannot be had.
 */
export async function startHeadgate(settings: BootSettings, log: Log): Promise<Headgate> {
  const { stateDirectory, loadReportMs } = settings;
  const folder = await openStateFolder(stateDirectory);
  const metrics = createMetrics();
  const records = openRecords(join(stateDirectory, 'records.sqlite'), { nowMs: Date.now });
  const counts = createRevisionCounts();
  const decider = createDecider({
    onRecord: (record, cluster) => {
      records.append(record);
      metrics.count(record);
      counts.count(record, cluster);
    },
    onUnknown: (digest) => shelf.recall(digest),
    standing: () => ({ live: plane.ledger.live?.digest, candidate: plane.ledger.candidate?.digest }),
  });
  const shelf = createBundleShelf({
    directory: join(stateDirectory, 'bundles'),
    decider,
    inUse: () => [...plane.digests, ...fleet.digests()],
    onFailure: (cause) => log.warn({ cause: String(cause) }, 'bundles on disk'),
  });
  const before = await shelf.before();
  const reporting = await startReporting(settings, metrics.registry, log);
  const engines = watchEngines(decider.ledger, log);
  const secrets = createSecretReader(settings.secrets, log);
  const tls = settings.tls === undefined ? undefined : openTls(settings.tls.files, log);
  const identities = createNodeIdentities(settings.tls?.identities ?? new Map(), log);
  const hadProxies = before.served.some(({ taken }) => taken);
  const fleet = await startFleetServer({
    listen: settings.listen.xds,
    ...(tls === undefined ? {} : { tls }),
    ...{ identities, stateDirectory, hadProxies, log },
    secrets: secrets.read,
    ...(loadReportMs === undefined ? {} : { loadReports: countUpstreams(metrics.registry, loadReportMs) }),
    onPeerFailure: peerFailures('xds', metrics.registry, log),
    onEvent: reporting.onProxyEvent,
  });
  reporting.follow(fleet.server.status);
  const publisher = createPublisher(fleet.server, authoritiesOf(settings), engines.follow);
  const { onEvent, ...reverts } = createReverts(reporting.onControlEvent, log);
  let deciders: RemoteDeciders | undefined;
  const ports = servePorts({ settings, shelf, fleet, counts, records, publisher, onEvent, log });
  const plane = new ControlPlane(
    withDeciders(ports, () => deciders),
    before,
  );
  deciders = await serveDeciders({ settings, tls, plane, fleet, counts, log, registry: metrics.registry });
  fleet.follow(plane);
  // The decider holds what proxies name before any of them can ask it.
  await plane.start();
  const extProc = await startExtProcServer({
    listen: settings.listen.extProc,
    // A Unix socket is for this machine alone.
    ...(tls === undefined || 'path' in settings.listen.extProc ? {} : { tls: tls.current() }),
    onExchange: decider.open,
    onFailure: peerFailures('ext_proc', metrics.registry, log),
    isReady: () => decider.held().length > 0,
  });
  tls?.follow(extProc.replaceTls);
  const repository = await watchRepository(settings, plane, { log, tell: reporting.onSourceEvent, metrics });
  reverts.follow(repository, plane);
  const source = adminSource({
    ...{ settings, secrets, plane, publisher, fleet, repository, engines, decider, records, shelf, metrics },
    ...{ identities, tls, deciders },
  });
  const admin = await startAdminApi(settings.listen.admin, source);
  return {
    addresses: { xds: fleet.address, extProc: extProc.address, admin: admin.address },
    close: async () => {
      await admin.close();
      await repository.close();
      engines.close();
      tls?.close();
      await deciders?.close();
      await fleet.close();
      await extProc.drain(DRAIN_MS);
      await reporting.close();
      records.close();
      folder.close();
    },
  };
}

function authoritiesOf(settings: BootSettings): Authorities {
  const named = [...settings.authorities].map(([name, pem]) => [name, { pem }] as const);
  return { system: { path: settings.trustedAuthoritiesFile }, named: Object.fromEntries(named) };
}
