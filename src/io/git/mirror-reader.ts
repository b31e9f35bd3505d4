import { type Commit, parseCommit } from './git-object.ts';
import type { GitProgram } from './git-process.ts';
import { MIRROR_REF } from './mirror-directory.ts';
import { ObjectReader } from './object-reader.ts';
import { EMPTY_CACHE, findSubtree, type ObjectCache, readObject, revisionTree } from './revision-tree.ts';
import { SourceError } from './source-error.ts';
import type { Finding, SourceFile, SourceLimits } from './source-file.ts';
import { walkSource } from './walk-source.ts';
import { commitId } from './workplace.ts';

export interface Revision {
  /** The id of the tree that was read: equal for commits that change nothing in it. */
  readonly tree: string;
  /** In order of path. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

const COMMIT_BYTES_MAX = 1024 * 1024;

/** Reads one mirror by object id, until it is replaced. */
export class MirrorReader {
  readonly #objects: ObjectReader;
  #cache: ObjectCache = EMPTY_CACHE;
  #suspect = false;

  constructor(program: GitProgram, repository: string) {
    this.#objects = new ObjectReader(program, repository);
  }

  /** An object could not be read: the mirror is to be built anew. */
  get suspect(): boolean {
    return this.#suspect;
  }

  /** As `Mirror.read`. */
  async read(commit: string, subpath: string, limits: SourceLimits): Promise<Revision> {
    const parts = subpath.split('/').filter((part) => part !== '');
    return await this.#guarded(async () => {
      const { tree: rootId } = await this.commitAt(commit);
      const { tree, touched } = revisionTree(this.#objects, this.#cache);
      const id = await findSubtree(tree, rootId, parts);
      if (id === undefined) {
        return { tree: rootId, files: [], findings: [{ kind: 'missing-directory', path: subpath }] };
      }
      const walked = await walkSource(tree, id, limits);
      this.#cache = touched;
      return { tree: id, ...walked };
    });
  }

  async commitAt(commit: string): Promise<Commit> {
    const object = await this.#guarded(() => this.#objects.read(commitId(commit), COMMIT_BYTES_MAX));
    const parsed = object.kind === 'object' && object.type === 'commit' ? parseCommit(object.bytes) : undefined;
    if (parsed !== undefined) return parsed;
    throw new SourceError('git-commit-missing', `the mirror has no commit ${commit}`);
  }

  async holds(commit: string): Promise<boolean> {
    const object = await this.#guarded(() => this.#objects.read(commitId(commit), COMMIT_BYTES_MAX));
    return object.kind === 'object' && object.type === 'commit';
  }

  /** The commit of the watched ref as of the last fetch. */
  async head(): Promise<string> {
    return await this.#guarded(async () => {
      const object = await readObject(this.#objects, `${MIRROR_REF}^{commit}`, 'commit', COMMIT_BYTES_MAX);
      if (object.kind === 'object') return object.id;
      throw new SourceError('git-too-large', 'the commit is too large');
    });
  }

  /** As `head`; undefined where nothing was fetched yet. */
  async headBefore(): Promise<string | undefined> {
    const object = await this.#guarded(() => this.#objects.read(`${MIRROR_REF}^{commit}`, COMMIT_BYTES_MAX));
    return object.kind === 'object' ? object.id : undefined;
  }

  close(): void {
    this.#objects.close();
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
