import { join } from 'node:path';
import { type Mirror, openMirror } from '../../io/git/mirror.ts';
import { type WatchedRevision, watch } from '../../io/git/watch.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import type { ControlPlane, HandledRevision } from '../control/control-plane.ts';
import type { ReconcileAnswer } from '../control/server-status.ts';
import type { Log } from '../log.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { remoteAccess } from '../settings/repository-settings.ts';

/** The repository under watch. */
export interface WatchedRepository {
  readonly mirror: Mirror;
  /** Why the last look failed, undefined when it did not. */
  readonly failure: () => string | undefined;
  /** With `isRetry` a newest commit that was rejected or frozen is tried once more. */
  readonly reconcile: (isRetry: boolean) => Promise<ReconcileAnswer>;
  /** Ends the watch and the mirror's processes. */
  readonly close: () => Promise<void>;
}

export async function watchRepository(
  settings: BootSettings,
  plane: ControlPlane,
  log: Log,
): Promise<WatchedRepository> {
  const { repository, stateDirectory } = settings;
  const mirror = await openMirror({
    url: repository.url,
    ref: repository.ref,
    directory: join(stateDirectory, 'mirror'),
    allowLocal: repository.allowLocal,
    access: remoteAccess(repository.access),
    gitPath: requiredTool('git'),
  });
  const stopped = new AbortController();
  let failure: string | undefined;
  let handled: HandledRevision | undefined;
  const watched = watch({
    mirror,
    subpath: repository.path,
    intervalMs: repository.pollMs,
    random: Math.random,
    signal: stopped.signal,
    onRevision: async (revision: WatchedRevision, superseded) => {
      failure = undefined;
      handled = await plane.take({ ...revision, nowMs: Date.now() }, superseded);
    },
    onError: (cause) => {
      failure = cause instanceof Error ? cause.message : String(cause);
      log.warn({ failure }, 'the repository could not be read');
    },
  });
  return {
    mirror,
    failure: () => failure,
    reconcile: async (isRetry) => {
      const startedMs = performance.now();
      let found = await watched.reconcile();
      const state = plane.ledger.newest?.kind;
      if (isRetry && (state === 'frozen' || state === 'rejected')) {
        await plane.thaw();
        found = await watched.reconcile(true);
      }
      const { commit, changed, fetchMs, readMs } = found;
      const { newest } = plane.ledger;
      const timings = changed ? handled : undefined;
      return {
        state: newest?.kind ?? 'rolling-out',
        commit,
        ...(newest !== undefined && 'digest' in newest ? { digest: newest.digest } : {}),
        diagnostics: plane.diagnostics,
        timings: {
          fetchMs,
          readMs,
          compileMs: timings?.compileMs ?? 0,
          acknowledgeMs: timings?.acknowledgeMs ?? 0,
          totalMs: performance.now() - startedMs,
        },
      };
    },
    close: async () => {
      stopped.abort();
      await watched.ended;
      await mirror.close();
    },
  };
}
