import type { Log } from '../log.ts';
import type { Verification } from './guarded-source.ts';
import { SourceControlError } from './source-control.ts';
import { failedEvent, type SourceEvent } from './source-event.ts';
import { type FetchFailure, fetchFailure, isRefusal } from './source-status.ts';

/** The failures of looks at the source: each is told when it begins, and stands until a look does not fail. */
export interface FetchFailures {
  readonly current: () => FetchFailure | undefined;
  /** A look failed. An order of an operator that stands against it is no failure. */
  readonly failed: (cause: unknown) => void;
  readonly ended: () => void;
}

/** @param verification what was found of the signature of the last commit */
export function createFetchFailures(
  verification: () => Verification | undefined,
  log: Pick<Log, 'warn'>,
  tell: (event: SourceEvent) => void,
): FetchFailures {
  let failure: FetchFailure | undefined;
  return {
    current: () => failure,
    failed: (cause) => {
      if (cause instanceof SourceControlError) return;
      const isNews = failure?.message !== (cause instanceof Error ? cause.message : String(cause));
      failure = fetchFailure(cause, failure, Date.now());
      if (!isNews) return;
      const what = isRefusal(cause) ? 'the commit was refused' : 'the repository could not be read';
      log.warn({ code: failure.code, failure: failure.message }, what);
      tell(failedEvent(failure, verification()));
    },
    ended: () => {
      failure = undefined;
    },
  };
}
