import { runGit } from './git-process.ts';
import { accessEnvironment } from './remote-access.ts';
import { SourceError, type SourceErrorCode } from './source-error.ts';
import { wholeRefName } from './watched-ref.ts';
import { commitId, type Workplace } from './workplace.ts';

const PUSH_TIMEOUT_MS = 60_000;

/** What a remote that can be read says when it lets nobody, or not us, write. */
const REFUSALS: readonly SourceErrorCode[] = ['git-auth', 'git-failed', 'git-refused'];

/**
 * Pushes a commit of the mirror to a branch of the remote, which must be new or come before it.
 * @param branch its short name
 * @throws SourceError `git-push-refused` where we may not write; as for a fetch where the remote is not reached
 */
export async function pushBranch(
  place: Workplace,
  { branch, commit }: { readonly branch: string; readonly commit: string },
): Promise<void> {
  const { program, repository, remote } = place;
  const target = `${commitId(commit)}:${wholeRefName(`refs/heads/${branch}`)}`;
  try {
    await runGit(program, {
      arguments: ['push', '--quiet', '--no-verify', '--no-signed', '--end-of-options', remote.url, target],
      repository,
      doing: 'push',
      environment: await accessEnvironment(program.access, program.home),
      timeoutMs: PUSH_TIMEOUT_MS,
    });
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause: unknown): unknown {
  if (!(cause instanceof SourceError && REFUSALS.includes(cause.code))) return cause;
  return new SourceError('git-push-refused', cause.message, { cause });
}
