import { join } from 'node:path';
import { type Mirror, openMirror } from '../../io/git/mirror.ts';
import { type WatchedRevision, watch } from '../../io/git/watch.ts';
import { refText } from '../../io/git/watched-ref.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import type { ReconcileAnswer } from '../control/server-status.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { remoteAccess } from '../settings/repository-settings.ts';
import { createFetchFailures } from './fetch-failures.ts';
import { GuardedSource } from './guarded-source.ts';
import { createHints } from './hints.ts';
import { listenForWebhooks } from './listen-for-webhooks.ts';
import { OperatorOrders, type OrderEvent } from './operator-orders.ts';
import { type ProposedRevert, proposeRevert, type RevertProposal } from './propose-revert.ts';
import { type Handled, type ReconcileOrder, reconcile, type SourcePlane } from './reconcile.ts';
import { type SourceControl, SourceControlError } from './source-control.ts';
import { foundEvent, type SourceEvent } from './source-event.ts';
import { isRefusal, type SourceStatus, sourceStatus } from './source-status.ts';
import { webhookMetrics } from './webhook-metrics.ts';

/** The repository under watch. */
export interface WatchedRepository {
  readonly mirror: Mirror;
  readonly control: SourceControl;
  readonly status: () => SourceStatus;
  /** `requestedAt` is a word of the caller's, kept once the order was handled. */
  readonly reconcile: (order: ReconcileOrder, requestedAt?: string) => Promise<ReconcileAnswer>;
  readonly handledReconcileAt: () => string | undefined;
  /** Makes a branch that takes a commit back. */
  readonly proposeRevert: (proposal: RevertProposal) => Promise<ProposedRevert>;
  /** Somebody says that there may be a new commit: many at once are one look. */
  readonly hint: () => void;
  /** Ends the watch and the mirror's processes. */
  readonly close: () => Promise<void>;
}

/** Who hears what happens at the source. */
export interface SourceListeners {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly tell: (event: SourceEvent) => void;
  /** Where deliveries of forges are counted. */
  readonly metrics: Pick<Metrics, 'registry'>;
}

export async function watchRepository(
  settings: BootSettings,
  plane: SourcePlane,
  { log, tell, metrics }: SourceListeners,
): Promise<WatchedRepository> {
  const { repository, stateDirectory } = settings;
  const mirror = await mirrorOf(settings);
  const stopped = new AbortController();
  const orders = await OperatorOrders.open({
    path: join(stateDirectory, 'source.json'),
    source: `${repository.url} ${refText(repository.ref)}`,
    nowMs: Date.now,
    onChange: () => void watched.reconcile().catch(() => undefined),
    onEvent: (event) => tellOrder(event, log, tell),
  });
  const live = () => plane.ledger.live?.commit;
  const source = new GuardedSource({ mirror, settings: repository, orders, live, nowMs: Date.now });
  const failures = createFetchFailures(() => source.verification, log, tell);
  let revert: (ProposedRevert & { readonly bad: string }) | undefined;
  let handled: Handled | undefined;
  const hints = createHints({
    fetch: () => watched.reconcile(),
    monotonicMs: () => performance.now(),
    nowMs: Date.now,
  });
  const webhooks = await listenForWebhooks(settings, {
    onPush: hints.hint,
    onResult: webhookMetrics(metrics.registry),
    log,
  });
  const watched = watch({
    mirror: {
      fetch: async (signal) => {
        const fetched = await source.fetch(signal);
        failures.ended();
        return fetched;
      },
      read: (commit, subpath) => source.read(commit, subpath),
    },
    subpath: repository.path,
    intervalMs: repository.pollMs,
    random: Math.random,
    signal: stopped.signal,
    onRevision: async (revision: WatchedRevision, superseded) => {
      void foundEvent(mirror, revision).then((event) => event && tell(event));
      handled = await plane.take({ ...revision, nowMs: Date.now() }, superseded);
    },
    onPassedOver: (commit, by) => tell({ kind: 'passed-over', commit, by }),
    onError: failures.failed,
    backsOff: (error) => !(isRefusal(error) || error instanceof SourceControlError),
  });
  return {
    mirror,
    control: orders,
    status: () =>
      sourceStatus({
        settings: repository,
        remoteRef: mirror.remoteRef,
        found: source.found,
        fetchedAtMs: source.fetchedAtMs,
        hintedAtMs: hints.hintedAtMs(),
        failure: failures.current(),
        verification: source.verification,
        revert,
        orders: orders.state(),
      }),
    reconcile: (order, requestedAt) =>
      orders.handling(requestedAt, reconcile(order, { plane, watched, handled: () => handled })),
    handledReconcileAt: () => orders.handledReconcileAt,
    proposeRevert: async (proposal) => {
      const proposed = await proposeRevert(proposal, mirror, repository, Date.now());
      revert = { ...proposed, bad: proposal.bad };
      tell({ kind: 'revert-proposed', commit: proposal.bad, branch: proposed.branch, pushed: proposed.pushed });
      return proposed;
    },
    hint: hints.hint,
    close: async () => {
      await webhooks?.close();
      hints.close();
      orders.close();
      stopped.abort();
      await watched.ended;
      await mirror.close();
    },
  };
}

async function mirrorOf({ repository, stateDirectory }: BootSettings): Promise<Mirror> {
  return await openMirror({
    url: repository.url,
    ref: repository.ref,
    directory: join(stateDirectory, 'mirror'),
    allowLocal: repository.allowLocal,
    access: remoteAccess(repository.access),
    gitPath: requiredTool('git'),
  });
}

/** What an operator overrides is nothing that anyone should find out later. */
function tellOrder(event: OrderEvent, log: Pick<Log, 'warn'>, tell: (event: SourceEvent) => void): void {
  const { kind, ...order } = event;
  if (kind === 'overridden') log.warn({ ...order }, 'source overridden: what serves was not asked of the repository');
  else log.warn({ ...order }, `source ${kind}`);
  tell(event);
}
