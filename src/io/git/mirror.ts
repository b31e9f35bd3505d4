import { join } from 'node:path';
import { type FetchOrder, fetchRef } from './fetch-ref.ts';
import type { Commit } from './git-object.ts';
import type { GitProgram } from './git-process.ts';
import { type LineOrigin, parseBlame } from './line-origin.ts';
import {
  buildEmpty,
  COMMIT_REF,
  isRepository,
  MIRROR_REF,
  type MirrorPaths,
  mirrorPaths,
  prepareHome,
  removeLeftovers,
  repackWhenMany,
  replaceMirror,
} from './mirror-directory.ts';
import { MIRROR_LIMITS, type MirrorLimits, type MirrorOptions } from './mirror-options.ts';
import { MirrorReader, type Revision } from './mirror-reader.ts';
import { NO_ACCESS } from './remote-access.ts';
import { type RemoteAddress, remoteAddress } from './remote-address.ts';
import { remoteRef } from './remote-ref.ts';
import { SourceError } from './source-error.ts';
import { type WatchedRef, watchedRef } from './watched-ref.ts';
import { askGit, commitId, descends, type Workplace } from './workplace.ts';

export interface Fetched {
  readonly commit: string;
  /** The ref was moved to a commit that does not descend from the last one. */
  readonly forced: boolean;
  /** Who signed it, as the boot settings name them; absent where no signature is asked for. */
  readonly signer?: string;
}

export interface CommitInfo extends Commit {
  readonly commit: string;
}

/**
 * Opens the mirror of one ref of one repository. Asks the remote nothing yet.
 * @throws SourceError `git-settings` when the address or the ref is refused
 */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const allowLocal = options.allowLocal ?? false;
  const remote = remoteAddress(options.url, allowLocal);
  const ref = watchedRef(options.ref);
  const paths = mirrorPaths(options.directory);
  const home = join(options.directory, 'home');
  const program = { gitPath: options.gitPath ?? 'git', home, access: options.access ?? NO_ACCESS, allowLocal };
  await prepareHome(program, remote);
  await removeLeftovers(paths.repository);
  return new Mirror({ remote, ref, paths, program, limits: { ...MIRROR_LIMITS, ...options.limits } });
}

interface MirrorSettings {
  readonly remote: RemoteAddress;
  readonly ref: WatchedRef;
  readonly paths: MirrorPaths;
  readonly program: GitProgram;
  readonly limits: MirrorLimits;
}

/** A private bare copy of a repository. Its revisions are read by object id and never checked out. */
export class Mirror {
  readonly #settings: MirrorSettings;
  readonly #closing = new AbortController();
  #reader: MirrorReader;
  #commit: string | undefined;
  #remoteRef: string | undefined;
  #suspect = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: MirrorSettings) {
    this.#settings = settings;
    this.#reader = new MirrorReader(settings.program, settings.paths.repository);
  }

  /** For commands beside those of the mirror itself. */
  get place(): Workplace {
    const { program, paths, remote } = this.#settings;
    return { program, repository: paths.repository, remote };
  }

  /** What the remote was asked for at the last fetch: a ref's whole name, or a commit. */
  get remoteRef(): string | undefined {
    return this.#remoteRef;
  }

  /**
   * Asks the remote and brings what is new. A mirror that is missing or corrupt is built anew beside the old one,
   * which serves until the new one is whole. Fetches follow one another.
   * @throws SourceError; the mirror keeps what it had
   */
  fetch(signal?: AbortSignal): Promise<Fetched> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    return this.#inTurn(() => this.#fetch(stop));
  }

  /**
   * Brings a commit that the mirror lacks, whichever ref it is on; forges give every commit that one of their refs leads
   * to.
   * @throws SourceError `git-commit-missing` when the remote has none
   */
  bring(commit: string): Promise<void> {
    return this.#inTurn(async () => {
      const { paths } = this.#settings;
      const isWhole = !this.#suspect && !this.#reader.suspect && (await isRepository(paths.repository));
      if (isWhole && (await this.#reader.holds(commit))) return;
      const fetchInto = async (repository: string) => {
        await fetchRef({ ...this.#order(repository, this.#closing.signal, commitId(commit)), into: COMMIT_REF });
      };
      if (isWhole) await fetchInto(paths.repository);
      else await this.#makeAnew(() => fetchInto(paths.building));
    });
  }

  /**
   * The configuration files of a commit below the directory `subpath` (default: its root). Their paths start there. A
   * subpath that the commit lacks is a finding.
   * @throws SourceError `git-corrupt` when the mirror lacks an object: the next fetch builds it anew
   */
  async read(commit: string, subpath = ''): Promise<Revision> {
    return await this.#reader.read(commit, subpath, this.#settings.limits);
  }

  /** Who made a commit, when, and why. */
  async commitInfo(commit: string): Promise<CommitInfo> {
    return { commit, ...(await this.#reader.commitAt(commit)) };
  }

  /**
   * The commit that last changed a line (from 1) of a file of `commit`. The path starts at the root of the repository.
   * @throws SourceError `git-failed` when the file or the line is not there
   */
  async blame(commit: string, path: string, line: number): Promise<LineOrigin> {
    const { output } = await askGit(this.place, {
      arguments: ['blame', '--porcelain', `-L${line},${line}`, commitId(commit), '--', path],
      doing: 'blame',
      signal: this.#closing.signal,
    });
    return parseBlame(output);
  }

  /** Whether a commit comes after another one, or is it. What the mirror does not hold is no ancestor. */
  async descends(commit: string, ancestor: string): Promise<boolean> {
    if ((await this.#reader.commitAt(commit)).parents.includes(ancestor)) return true;
    return await descends(this.place, commit, ancestor);
  }

  /** Ends git's processes; whatever waits fails with `git-closed`. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#reader.close();
    await this.#last;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #fetch(signal: AbortSignal): Promise<Fetched> {
    const { paths } = this.#settings;
    const before = await this.#commitBefore();
    if (this.#suspect || this.#reader.suspect || !(await isRepository(paths.repository))) await this.#rebuild(signal);
    else await this.#update(signal, before);
    const commit = await this.#reader.head();
    this.#commit = commit;
    if (commit === before) return { commit, forced: false };
    const forced = before !== undefined && !(await this.descends(commit, before));
    await this.#tidy(signal);
    return { commit, forced };
  }

  async #update(signal: AbortSignal, before: string | undefined): Promise<void> {
    const { paths, ref } = this.#settings;
    // A commit stays what it is.
    if (ref.kind === 'commit' && ref.commit === before) return;
    try {
      await fetchRef(this.#order(paths.repository, signal, await this.#askedFor(paths.repository, signal)));
    } catch (error) {
      await removeLeftovers(paths.repository);
      if (!(error instanceof SourceError) || error.code !== 'git-corrupt') throw error;
      await this.#rebuild(signal);
    }
  }

  async #rebuild(signal: AbortSignal): Promise<void> {
    const { building } = this.#settings.paths;
    await this.#makeAnew(async () => {
      await fetchRef(this.#order(building, signal, await this.#askedFor(building, signal)));
    });
  }

  /** Puts a new mirror, filled before anyone reads it, in the place of the old one. */
  async #makeAnew(fill: () => Promise<void>): Promise<void> {
    const { paths, program, remote } = this.#settings;
    await prepareHome(program, remote);
    await buildEmpty(program, paths);
    await fill();
    this.#reader.close();
    await replaceMirror(paths);
    this.#reader = new MirrorReader(program, paths.repository);
    this.#suspect = false;
  }

  async #askedFor(repository: string, signal: AbortSignal): Promise<string> {
    const { program, remote, ref, limits } = this.#settings;
    this.#remoteRef = await remoteRef(ref, { program, repository, remote, timeoutMs: limits.fetchTimeoutMs, signal });
    return this.#remoteRef;
  }

  /** A mirror that cannot be repacked still serves; building it anew leaves one pack as well. */
  async #tidy(signal: AbortSignal): Promise<void> {
    const { paths, program } = this.#settings;
    try {
      await repackWhenMany(program, paths.repository, signal);
    } catch {
      this.#suspect = true;
    }
  }

  #order(repository: string, signal: AbortSignal, ref: string): FetchOrder {
    const { program, remote, limits } = this.#settings;
    const { fetchTimeoutMs: timeoutMs, repositoryBytesMax: bytesMax } = limits;
    return { program, repository, remote, ref, into: MIRROR_REF, timeoutMs, bytesMax, signal };
  }

  /** What the ref was before this fetch, also when an earlier process fetched it. */
  async #commitBefore(): Promise<string | undefined> {
    if (this.#commit !== undefined || !(await isRepository(this.#settings.paths.repository))) return this.#commit;
    return await this.#reader.headBefore().catch(() => undefined);
  }
}
