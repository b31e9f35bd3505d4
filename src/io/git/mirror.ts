import { join } from 'node:path';
import { type FetchOrder, fetchRef, fullRefName } from './fetch-ref.ts';
import { type Commit, parseCommit } from './git-object.ts';
import { type GitProgram, runGit } from './git-process.ts';
import { type LineOrigin, parseBlame } from './line-origin.ts';
import {
  buildEmpty,
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
import { ObjectReader } from './object-reader.ts';
import { type RemoteAddress, remoteAddress } from './remote-address.ts';
import { EMPTY_CACHE, findSubtree, type ObjectCache, readObject, revisionTree } from './revision-tree.ts';
import { SourceError } from './source-error.ts';
import type { Finding, SourceFile } from './source-file.ts';
import { walkSource } from './walk-source.ts';

export interface Fetched {
  readonly commit: string;
  /** The ref was moved to a commit that does not descend from the last one. */
  readonly forced: boolean;
  /** Who signed it, as the boot settings name them; absent where no signature is asked for. */
  readonly signer?: string;
}

export interface Revision {
  /** The id of the tree that was read: equal for commits that change nothing in it. */
  readonly tree: string;
  /** In order of path. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

export interface CommitInfo extends Commit {
  readonly commit: string;
}

const COMMIT_BYTES_MAX = 1024 * 1024;
const QUESTION_TIMEOUT_MS = 10_000;
const COMMIT_ID = /^[0-9a-f]{40}$/;

/**
 * Opens the mirror of one ref of one repository. Asks the remote nothing yet.
 * @throws SourceError `git-settings` when the address or the ref is refused
 */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const allowLocal = options.allowLocal ?? false;
  const remote = remoteAddress(options.url, allowLocal);
  const ref = fullRefName(options.ref);
  const paths = mirrorPaths(options.directory);
  const home = join(options.directory, 'home');
  const program = { gitPath: options.gitPath ?? 'git', home, caFile: options.caFile, allowLocal };
  await prepareHome(program, remote);
  await removeLeftovers(paths.repository);
  return new Mirror({ remote, ref, paths, program, limits: { ...MIRROR_LIMITS, ...options.limits } });
}

interface MirrorSettings {
  readonly remote: RemoteAddress;
  readonly ref: string;
  readonly paths: MirrorPaths;
  readonly program: GitProgram;
  readonly limits: MirrorLimits;
}

/** A private bare copy of a repository. Its revisions are read by object id and never checked out. */
export class Mirror {
  readonly #settings: MirrorSettings;
  readonly #closing = new AbortController();
  #reader: ObjectReader;
  #cache: ObjectCache = EMPTY_CACHE;
  #commit: string | undefined;
  #suspect = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: MirrorSettings) {
    this.#settings = settings;
    this.#reader = new ObjectReader(settings.program, settings.paths.repository);
  }

  /**
   * Asks the remote and brings what is new. A mirror that is missing or corrupt is built anew beside the old one,
   * which serves until the new one is whole. Fetches follow one another.
   * @throws SourceError; the mirror keeps what it had
   */
  fetch(signal?: AbortSignal): Promise<Fetched> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const fetched = this.#last.then(() => this.#fetch(stop));
    this.#last = fetched.catch(() => undefined);
    return fetched;
  }

  /**
   * The configuration files of a commit below the directory `subpath` (default: its root). Their paths start there. A
   * subpath that the commit lacks is a finding.
   * @throws SourceError `git-corrupt` when the mirror lacks an object: the next fetch builds it anew
   */
  async read(commit: string, subpath = ''): Promise<Revision> {
    const parts = subpath.split('/').filter((part) => part !== '');
    return await this.#guarded(async () => {
      const { tree: rootId } = await this.#commitAt(commit);
      const { tree, touched } = revisionTree(this.#reader, this.#cache);
      const id = await findSubtree(tree, rootId, parts);
      if (id === undefined) {
        return { tree: rootId, files: [], findings: [{ kind: 'missing-directory', path: subpath }] };
      }
      const walked = await walkSource(tree, id, this.#settings.limits);
      this.#cache = touched;
      return { tree: id, ...walked };
    });
  }

  /** Who made a commit, when, and why. */
  async commitInfo(commit: string): Promise<CommitInfo> {
    return await this.#guarded(async () => ({ commit, ...(await this.#commitAt(commit)) }));
  }

  /**
   * The commit that last changed a line (from 1) of a file of `commit`. The path starts at the root of the repository.
   * @throws SourceError `git-failed` when the file or the line is not there
   */
  async blame(commit: string, path: string, line: number): Promise<LineOrigin> {
    const { output } = await runGit(this.#settings.program, {
      arguments: ['blame', '--porcelain', `-L${line},${line}`, commitId(commit), '--', path],
      repository: this.#settings.paths.repository,
      doing: 'blame',
      timeoutMs: QUESTION_TIMEOUT_MS,
      signal: this.#closing.signal,
    });
    return parseBlame(output);
  }

  /** Ends git's processes; whatever waits fails with `git-closed`. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#reader.close();
    await this.#last;
  }

  async #fetch(signal: AbortSignal): Promise<Fetched> {
    const { paths } = this.#settings;
    const before = await this.#commitBefore();
    if (this.#suspect || !(await isRepository(paths.repository))) await this.#rebuild(signal);
    else await this.#bring(signal);
    const commit = await this.#head();
    this.#commit = commit;
    if (commit === before) return { commit, forced: false };
    const forced = before !== undefined && !(await this.#descends(commit, before));
    await this.#tidy(signal);
    return { commit, forced };
  }

  async #bring(signal: AbortSignal): Promise<void> {
    const { repository } = this.#settings.paths;
    try {
      await fetchRef(this.#order(repository, signal));
    } catch (error) {
      await removeLeftovers(repository);
      if (!(error instanceof SourceError) || error.code !== 'git-corrupt') throw error;
      await this.#rebuild(signal);
    }
  }

  async #rebuild(signal: AbortSignal): Promise<void> {
    const { paths, program, remote } = this.#settings;
    await prepareHome(program, remote);
    await buildEmpty(program, paths);
    await fetchRef(this.#order(paths.building, signal));
    this.#reader.close();
    await replaceMirror(paths);
    this.#reader = new ObjectReader(program, paths.repository);
    this.#cache = EMPTY_CACHE;
    this.#suspect = false;
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

  #order(repository: string, signal: AbortSignal): FetchOrder {
    const { program, remote, ref, limits } = this.#settings;
    const { fetchTimeoutMs: timeoutMs, repositoryBytesMax: bytesMax } = limits;
    return { program, repository, remote, ref, timeoutMs, bytesMax, signal };
  }

  /** What the ref was before this fetch, also when an earlier process fetched it. */
  async #commitBefore(): Promise<string | undefined> {
    if (this.#commit !== undefined || !(await isRepository(this.#settings.paths.repository))) return this.#commit;
    return await this.#head().catch(() => undefined);
  }

  async #head(): Promise<string> {
    return await this.#guarded(async () => {
      const object = await readObject(this.#reader, `${MIRROR_REF}^{commit}`, 'commit', COMMIT_BYTES_MAX);
      if (object.kind === 'object') return object.id;
      throw new SourceError('git-too-large', 'the commit is too large');
    });
  }

  async #commitAt(commit: string): Promise<Commit> {
    const object = await this.#reader.read(commitId(commit), COMMIT_BYTES_MAX);
    const parsed = object.kind === 'object' && object.type === 'commit' ? parseCommit(object.bytes) : undefined;
    if (parsed !== undefined) return parsed;
    throw new SourceError('git-commit-missing', `the mirror has no commit ${commit}`);
  }

  async #descends(commit: string, ancestor: string): Promise<boolean> {
    if ((await this.#commitAt(commit)).parents.includes(ancestor)) return true;
    const { status } = await runGit(this.#settings.program, {
      arguments: ['merge-base', '--is-ancestor', ancestor, commit],
      repository: this.#settings.paths.repository,
      doing: 'compare commits',
      timeoutMs: QUESTION_TIMEOUT_MS,
      // 128: a mirror built anew does not hold a commit that was pushed over.
      answers: [0, 1, 128],
    });
    return status === 0;
  }

  async #guarded<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof SourceError && error.code === 'git-corrupt') this.#suspect = true;
      throw error;
    }
  }
}

function commitId(commit: string): string {
  if (COMMIT_ID.test(commit)) return commit;
  throw new SourceError('git-settings', 'a commit is named by its 40 hexadecimal digits');
}
