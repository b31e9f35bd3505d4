import { type GitProgram, type GitRun, runGit } from './git-process.ts';
import type { RemoteAddress } from './remote-address.ts';
import { SourceError } from './source-error.ts';

/** A mirror as commands of git see it. */
export interface Workplace {
  readonly program: GitProgram;
  readonly repository: string;
  readonly remote: RemoteAddress;
}

const QUESTION_TIMEOUT_MS = 10_000;
const COMMIT_ID = /^[0-9a-f]{40}$/;

/** Runs a command that asks nobody else, with what it printed. @throws SourceError */
export async function askGit(
  place: Workplace,
  run: Pick<GitRun, 'arguments' | 'doing' | 'answers' | 'input' | 'environment' | 'signal'>,
): ReturnType<typeof runGit> {
  return await runGit(place.program, { ...run, repository: place.repository, timeoutMs: QUESTION_TIMEOUT_MS });
}

/** Whether a commit has another one among its ancestors, or is it. What the mirror does not hold is no ancestor. */
export async function descends(place: Workplace, commit: string, ancestor: string): Promise<boolean> {
  const { status } = await askGit(place, {
    arguments: ['merge-base', '--is-ancestor', commitId(ancestor), commitId(commit)],
    doing: 'compare commits',
    // 128: a mirror built anew does not hold a commit that was pushed over.
    answers: [0, 1, 128],
  });
  return status === 0;
}

/** @throws SourceError `git-settings` */
export function commitId(commit: string): string {
  if (COMMIT_ID.test(commit)) return commit;
  throw new SourceError('git-settings', 'a commit is named by its 40 hexadecimal digits');
}
