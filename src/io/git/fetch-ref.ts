import { type GitProgram, runGit } from './git-process.ts';
import { MIRROR_REF, packBytes } from './mirror-directory.ts';
import type { RemoteAddress } from './remote-address.ts';
import { SourceError } from './source-error.ts';

export interface FetchOrder {
  readonly program: GitProgram;
  readonly repository: string;
  readonly remote: RemoteAddress;
  /** The whole name of the watched ref, or HEAD. */
  readonly ref: string;
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** Often enough that a fast network brings tens of megabytes too many at most. */
const SIZE_CHECK_INTERVAL_MS = 250;

/**
 * Brings the watched ref, with its history, to the mirror's own ref, forced or not.
 * @throws SourceError, `git-too-large` when the packs grow above `bytesMax` while they arrive
 */
export async function fetchRef(order: FetchOrder): Promise<void> {
  const { program, repository, remote, ref, timeoutMs, bytesMax, signal } = order;
  const stop = new AbortController();
  const tooLarge = new SourceError('git-too-large', `fetch: the repository is larger than ${bytesMax} bytes`);
  const isTooLarge = async () => (await packBytes(repository)) > bytesMax;
  const timer = setInterval(async () => {
    if (await isTooLarge()) stop.abort(tooLarge);
  }, SIZE_CHECK_INTERVAL_MS);
  try {
    await runGit(program, {
      arguments: ['fetch', ...FETCH_FLAGS, '--end-of-options', remote.url, `+${ref}:${MIRROR_REF}`],
      repository,
      doing: 'fetch',
      timeoutMs,
      signal: AbortSignal.any([signal, stop.signal]),
    });
  } finally {
    clearInterval(timer);
  }
  if (await isTooLarge()) throw tooLarge;
}

const FETCH_FLAGS = [
  '--quiet',
  '--no-tags',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
  '--no-show-forced-updates',
];

/** The whole name of a ref from what the settings say: a full name, HEAD, or a branch. */
export function fullRefName(ref: string): string {
  const name = ref === 'HEAD' || ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
  const wellFormed = /^(HEAD|refs(\/[A-Za-z0-9_+=%@,#][A-Za-z0-9._+=%@,#-]*){2,})$/.test(name);
  if (wellFormed && !name.includes('..') && !name.includes('@{') && !name.endsWith('.lock')) return name;
  throw new SourceError('git-settings', 'the ref to watch is no name of a branch or ref');
}
