import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import { type BundleClient, startBundleClient } from '../../io/bundles/bundle-client.ts';
import { BundleError } from '../../io/bundles/bundle-error.ts';
import { type ExtProcServer, startExtProcServer } from '../../io/http/ext-proc-server.ts';
import { formatListenAddress, type ListenAddress } from '../../io/net/listen-address.ts';
import { readInUse, saveInUse } from '../../io/store/in-use.ts';
import { openRecords, type Records } from '../../io/store/records.ts';
import { openStateFolder } from '../../io/store/state-folder.ts';
import { startDeciderApi } from '../admin/admin-api.ts';
import { type BundleShelf, createBundleShelf } from '../control/bundle-shelf.ts';
import { engineStatuses } from '../control/status-of.ts';
import { createDecider, type Decider } from '../decider/decider.ts';
import { type EngineWatch, watchEngines } from '../decider/watch-engines.ts';
import { explainRecord } from '../explain/explain-record.ts';
import type { Log } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { peerFailures } from '../peer-failures.ts';
import type { Bundle } from '../revision/bundle.ts';
import { advertisedAddress, type DecideSettings } from '../settings/decide-settings.ts';
import { openTls, type TlsSource } from '../settings/tls-source.ts';
import { VERSION } from '../version.ts';
import { deciderName } from './decider-name.ts';
import type { DeciderStatus } from './decider-status.ts';
import { fetchedBundle } from './fetched-bundle.ts';
import { proxiesLeft } from './leave-proxies.ts';
import { createOwnCounters, type OwnCounters } from './own-counters.ts';
import { createRevisionsInUse, type RevisionsInUse } from './revisions-in-use.ts';

/** A running decider of its own. */
export interface RunningDecider {
  readonly addresses: { readonly extProc: ListenAddress; readonly admin: ListenAddress };
  /** Lets the proxies go first, then the exchanges that are open, writes what is queued, and resolves at the end. */
  readonly close: () => Promise<void>;
}

/** How often the control plane is told what became of requests: a gate looks as often. */
const COUNTERS_INTERVAL_MS = 1_000;

/** The parts of the process, made in this order. */
interface Parts {
  readonly settings: DecideSettings;
  readonly log: Log;
  readonly name: string;
  readonly records: Records;
  readonly decider: Decider;
  readonly counters: OwnCounters;
  readonly shelf: BundleShelf;
  readonly inUse: RevisionsInUse;
  readonly engines: EngineWatch;
  readonly tls: TlsSource | undefined;
  readonly state: { isLeaving: boolean; opened: number; failure: string | undefined; address: string };
}

/**
 * Starts a decider of its own: what the process before it held, the ext_proc server, the subscription at the control
 * plane and the admin API. Resolves when all listen, whether the control plane can be reached or not. Throws typed errors
 * with a code when a port, a certificate or the state folder cannot be had.
 */
export async function startDecider(settings: DecideSettings, log: Log): Promise<RunningDecider> {
  const folder = await openStateFolder(settings.stateDirectory);
  const metrics = createMetrics();
  let client: BundleClient | undefined;
  const parts = await makeParts(settings, log, metrics.count, () => client);
  const { decider, inUse, tls, state, records, engines, counters } = parts;
  const isReady = () => !state.isLeaving && inUse.isComplete();
  const kept = await readInUse(settings.stateDirectory);
  if (kept !== undefined) await inUse.start(kept);
  const extProc = await startExtProcServer({
    listen: settings.listen.extProc,
    ...(tls === undefined ? {} : { tls: tls.current() }),
    onExchange: (opening) => {
      state.opened += 1;
      return decider.open(opening);
    },
    onFailure: peerFailures('ext_proc', metrics.registry, log),
    isReady,
  });
  tls?.follow(extProc.replaceTls);
  client = subscribe(parts, extProc.address);
  const subscription = client;
  const admin = await startDeciderApi(settings.listen.admin, {
    status: () => statusOf(parts, subscription, extProc, isReady()),
    record: (id, isRerun) => explainRecord(id, sourcesOf(parts), isRerun),
    records: (limit) => records.latest(limit),
    metrics: metrics.text,
    ready: isReady,
  });
  const telling = setInterval(() => tellCounters(subscription, counters), COUNTERS_INTERVAL_MS);
  return {
    addresses: { extProc: extProc.address, admin: admin.address },
    close: async () => {
      state.isLeaving = true;
      subscription.leave();
      await proxiesLeft(
        () => state.opened,
        () => performance.now(),
      );
      await extProc.drain(settings.drainMs);
      clearInterval(telling);
      tellCounters(subscription, counters);
      await subscription.close();
      await admin.close();
      engines.close();
      tls?.close();
      records.close();
      folder.close();
    },
  };
}

async function makeParts(
  settings: DecideSettings,
  log: Log,
  countMetrics: ReturnType<typeof createMetrics>['count'],
  client: () => BundleClient | undefined,
): Promise<Parts> {
  const { stateDirectory } = settings;
  const records = openRecords(join(stateDirectory, 'records.sqlite'), { nowMs: Date.now });
  const counters = createOwnCounters();
  const decider = createDecider({
    onRecord: (record, fleet) => {
      records.append(record);
      countMetrics(record);
      counters.count(record, fleet);
    },
    onUnknown: (digest) => shelf.recall(digest),
    standing: () => inUse.standing(),
  });
  const engines = watchEngines(decider.ledger, log);
  const warn = (fields: object, cause: unknown) => log.warn({ ...fields, cause: String(cause) }, 'bundle');
  const shelf = createBundleShelf({
    directory: join(stateDirectory, 'bundles'),
    decider,
    inUse: () => inUse.digests(),
    fetch: (digest) => fetchFrom(client(), digest),
    onFailure: (cause) => warn({}, cause),
  });
  const inUse = createRevisionsInUse({
    decider,
    obtain: shelf.obtain,
    onFollowed: (followed, pools) => {
      engines.follow(pools);
      client()?.tellHeld();
      saveInUse(stateDirectory, followed).catch((cause: unknown) => warn({}, cause));
      log.info({ live: followed.live, candidate: followed.candidate, held: decider.held().length }, 'revisions in use');
    },
    onMissing: (digest, cause) => warn({ digest }, cause),
  });
  const tls = settings.tls === undefined ? undefined : openTls(settings.tls.files, log);
  const name = settings.name ?? (await deciderName(stateDirectory));
  const state = { isLeaving: false, opened: 0, failure: undefined, address: '' };
  return { settings, log, name, records, decider, counters, shelf, inUse, engines, tls, state };
}

/** Undefined where the control plane does not have it either. */
async function fetchFrom(client: BundleClient | undefined, digest: Digest): Promise<Bundle | undefined> {
  if (client === undefined) return undefined;
  try {
    return fetchedBundle(digest, await client.fetch(digest));
  } catch (cause) {
    if (cause instanceof BundleError && cause.code === 'bundle-missing') return undefined;
    throw cause;
  }
}

function subscribe(parts: Parts, bound: ListenAddress): BundleClient {
  const { settings, log, name, decider, counters, inUse, state } = parts;
  const address = advertisedAddress(settings.advertise, bound);
  state.address = address === 'none' ? '' : formatListenAddress(address);
  return startBundleClient({
    target: settings.controlPlane,
    tls: clientTls(parts),
    hello: { decider: name, instance: randomUUID(), address: state.address, version: VERSION },
    held: () => decider.held() as readonly Digest[],
    counters: counters.all,
    onInUse: inUse.follow,
    onUp: () => {
      state.failure = undefined;
      log.info({ decider: name, address: state.address }, 'control plane found');
    },
    onDown: (reason) => {
      // The first failure is news, and each other one.
      if (state.failure !== reason) log.warn({ reason }, 'control plane lost');
      state.failure = reason;
    },
  });
}

function clientTls({ settings, tls }: Parts): Parameters<typeof startBundleClient>[0]['tls'] {
  if (tls === undefined || settings.tls === undefined) return undefined;
  const { serverName } = settings.tls;
  return () => {
    const { certificate, key, clientAuthority } = tls.current();
    return { certificate, key, authority: clientAuthority, serverName };
  };
}

function tellCounters(client: BundleClient, counters: OwnCounters): void {
  const changed = counters.changed();
  if (changed.size > 0) client.tellCounters(changed);
}

function statusOf(parts: Parts, client: BundleClient, extProc: ExtProcServer, ready: boolean): DeciderStatus {
  const { settings, name, records, decider, shelf, inUse, engines, tls, state } = parts;
  const { live, candidate } = inUse.standing();
  const { written, dropped } = records.stats();
  const storeFailure = shelf.failure();
  return {
    ...{ version: VERSION, decider: name, address: state.address },
    controlPlane: {
      address: formatListenAddress(settings.controlPlane),
      connected: client.isUp(),
      ...(state.failure === undefined ? {} : { failure: state.failure }),
    },
    ...(live === undefined ? {} : { live }),
    ...(candidate === undefined ? {} : { candidate }),
    ...{ held: decider.held(), ready, leaving: state.isLeaving, openExchanges: extProc.openExchanges() },
    engines: engineStatuses(decider.ledger, engines.tables()),
    records: { written, dropped },
    ...(storeFailure === undefined ? {} : { storeFailure }),
    ...(tls === undefined ? {} : { tls: tls.status() }),
  };
}

/** Who wrote a line the repository would say, which stands with the control plane. */
function sourcesOf({ records, shelf }: Parts): Parameters<typeof explainRecord>[1] {
  return { record: (known) => records.get(known), bundle: shelf.find, blame: async () => undefined };
}
