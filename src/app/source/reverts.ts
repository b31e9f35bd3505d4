import type { ControlEvent } from '../control/control-event.ts';
import type { Log } from '../log.ts';
import type { SourcePlane } from './reconcile.ts';
import { isCommit } from './source-memory.ts';
import type { WatchedRepository } from './watch-repository.ts';

/** Makes a branch that takes back each commit that is stopped. */
export interface Reverts {
  readonly onEvent: (event: ControlEvent) => void;
  /** From where commits come, and what serves; before it nothing is made. */
  readonly follow: (repository: Pick<WatchedRepository, 'proposeRevert'>, plane: Pick<SourcePlane, 'ledger'>) => void;
}

/** @param tell who is told of events as well */
export function createReverts(tell: (event: ControlEvent) => void, log: Pick<Log, 'warn'>): Reverts {
  let parts: Parameters<Reverts['follow']> | undefined;
  const propose = async (bad: string, why: string): Promise<void> => {
    const [repository, plane] = parts ?? [];
    const good = plane?.ledger.live?.commit;
    // What an override brought is on no branch of anyone.
    if (repository === undefined || !isCommit(bad) || !isCommit(good) || bad === good) return;
    try {
      const proposed = await repository.proposeRevert({ bad, good, why });
      log.warn({ bad, good, ...proposed }, 'a branch takes the commit back');
    } catch (cause) {
      log.warn({ bad, good, cause: String(cause) }, 'no branch takes the commit back');
    }
  };
  return {
    onEvent: (event) => {
      tell(event);
      // One that was stopped before has its branch.
      if (event.kind === 'frozen' && event.findings.length > 0) void propose(event.commit, event.diagnostics);
    },
    follow: (...found) => {
      parts = found;
    },
  };
}
