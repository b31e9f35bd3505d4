import type { Mirror } from '../../io/git/mirror.ts';
import type { WatchedRevision } from '../../io/git/watch.ts';
import type { Verification } from './guarded-source.ts';
import type { OrderEvent } from './operator-orders.ts';
import type { FetchFailure } from './source-status.ts';

/** What happened at the source, for everybody who is told of it. */
export type SourceEvent =
  | OrderEvent
  /** A commit is to be compiled: who wrote it, and who signed it where that is checked. */
  | {
      readonly kind: 'found';
      readonly commit: string;
      readonly author: string;
      readonly subject: string;
      readonly signer?: string;
    }
  /** A newer commit was there before this one was compiled. */
  | { readonly kind: 'passed-over'; readonly commit: string; readonly by: string }
  /** The rules of the source (signature, rewritten history) did not let a commit in. */
  | { readonly kind: 'refused'; readonly commit: string; readonly code: string; readonly message: string }
  | { readonly kind: 'fetch-failed'; readonly code: string; readonly message: string }
  /** A branch is there that takes a commit back. */
  | { readonly kind: 'revert-proposed'; readonly commit: string; readonly branch: string; readonly pushed: boolean };

/** What is told of a commit that was found: nothing where it cannot be read any more. */
export async function foundEvent(
  mirror: Pick<Mirror, 'commitInfo'>,
  { commit, signer }: Pick<WatchedRevision, 'commit' | 'signer'>,
): Promise<SourceEvent | undefined> {
  try {
    const { author, subject } = await mirror.commitInfo(commit);
    return { kind: 'found', commit, author, subject, ...(signer === undefined ? {} : { signer }) };
  } catch {
    return undefined;
  }
}

/** What is told of a look that failed: where the rules refused a commit, of that one. */
export function failedEvent({ code, message }: FetchFailure, verification: Verification | undefined): SourceEvent {
  const isRefusal = verification?.kind === 'refused' && verification.error.code === code;
  if (!isRefusal) return { kind: 'fetch-failed', code, message };
  return { kind: 'refused', commit: verification.commit, code, message };
}
