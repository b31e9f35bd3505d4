import { SourceError } from './source-error.ts';
import { wholeRefName } from './watched-ref.ts';
import { askGit, commitId, type Workplace } from './workplace.ts';

export interface RevertOrder {
  /** A branch by its short name, such as `headgate/revert-0123456789ab`: it is made, or made anew. */
  readonly branch: string;
  /** The commit to revert: the new one comes after it. */
  readonly bad: string;
  /** The commit whose files come back. */
  readonly good: string;
  /** The folder that is reverted, empty for all; what stands beside it stays as it is. */
  readonly subpath: string;
  readonly message: string;
  readonly nowMs: number;
}

const AUTHOR = 'headgate <headgate@localhost>';
const MESSAGE_BYTES_MAX = 64 * 1024;

/**
 * Makes a commit on a branch of the mirror that brings a folder back to what it was, without a checkout. It is not
 * signed, and nobody is told.
 * @returns the new commit
 * @throws SourceError
 */
export async function buildRevert(place: Workplace, order: RevertOrder): Promise<string> {
  const ref = wholeRefName(`refs/heads/${order.branch}`);
  const parts = order.subpath.split('/').filter((part) => part !== '');
  const tree = await treeAt(place, commitId(order.good), parts);
  const message = Buffer.from(order.message).subarray(0, MESSAGE_BYTES_MAX).toString('utf8');
  const seconds = Math.floor(order.nowMs / 1000);
  // fast-import takes a folder by the id of its tree: names that are no text pass as they are.
  const input = [
    `commit ${ref}`,
    `author ${AUTHOR} ${seconds} +0000`,
    `committer ${AUTHOR} ${seconds} +0000`,
    `data ${Buffer.byteLength(message)}`,
    message,
    `from ${commitId(order.bad)}`,
    tree === undefined ? `D ${pathWord(parts)}` : `M 040000 ${tree} ${pathWord(parts)}`,
    'done',
    '',
  ];
  const importing = ['fast-import', '--quiet', '--force', '--done'];
  await askGit(place, { arguments: importing, doing: 'make a revert', input: input.join('\n') });
  return (await askGit(place, { arguments: ['rev-parse', '--verify', ref], doing: 'make a revert' })).output.trim();
}

async function treeAt(place: Workplace, commit: string, parts: readonly string[]): Promise<string | undefined> {
  const name = parts.length === 0 ? `${commit}^{tree}` : `${commit}:${parts.join('/')}`;
  const { status, output } = await askGit(place, {
    arguments: ['rev-parse', '--verify', '--quiet', '--end-of-options', name],
    doing: 'make a revert',
    answers: [0, 1, 128],
  });
  if (status === 0) return output.trim();
  if (parts.length > 0) return undefined;
  throw new SourceError('git-commit-missing', `the mirror has no commit ${commit}`);
}

/** A path as fast-import reads it in quotes. */
function pathWord(parts: readonly string[]): string {
  return `"${parts.join('/').replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
