import { type GitProgram, runGit } from './git-process.ts';
import { packBytes } from './mirror-directory.ts';
import { accessEnvironment } from './remote-access.ts';
import type { RemoteAddress } from './remote-address.ts';
import { SourceError } from './source-error.ts';

export interface FetchOrder {
  readonly program: GitProgram;
  readonly repository: string;
  readonly remote: RemoteAddress;
  /** The whole name of a ref of the remote, HEAD, or a commit. */
  readonly ref: string;
  /** The whole name of a ref of the mirror. */
  readonly into: string;
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** Often enough that a fast network brings tens of megabytes too many at most. */
const SIZE_CHECK_INTERVAL_MS = 250;

/**
 * Brings a ref, with its history, to one of the mirror's, forced or not.
 * @throws SourceError, `git-too-large` when the packs grow above `bytesMax` while they arrive
 */
export async function fetchRef(order: FetchOrder): Promise<void> {
  const { program, repository, remote, ref, into, timeoutMs, bytesMax, signal } = order;
  const stop = new AbortController();
  const tooLarge = new SourceError('git-too-large', `fetch: the repository is larger than ${bytesMax} bytes`);
  const isTooLarge = async () => (await packBytes(repository)) > bytesMax;
  const environment = await accessEnvironment(program.access, program.home);
  const timer = setInterval(async () => {
    if (await isTooLarge()) stop.abort(tooLarge);
  }, SIZE_CHECK_INTERVAL_MS);
  try {
    await runGit(program, {
      arguments: ['fetch', ...FETCH_FLAGS, '--end-of-options', remote.url, `+${ref}:${into}`],
      repository,
      doing: 'fetch',
      environment,
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
  // A remote that is itself a shallow copy: what it has is taken, and what it lacks is no ancestor.
  '--update-shallow',
];
