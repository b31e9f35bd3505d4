import { join } from 'node:path';
import type { LocalRepository } from '../../io/git/local-repository.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import type { RevisionFiles } from '../revision/compile-revision.ts';

/** The word for what is on disk, committed or not. */
const WORKTREE = 'worktree';

/** A revision as the user named it, with its files. */
export interface NamedRevision extends RevisionFiles {
  readonly name: string;
}

/** `BASE..HEAD`, or undefined for a text of another form. HEAD may be `worktree`. */
export function parseRange(text: string): { readonly base: string; readonly head: string } | undefined {
  const [base = '', head = '', ...more] = text.split('..');
  const isRange = base !== '' && head !== '' && !head.startsWith('.') && more.length === 0 && base !== WORKTREE;
  return isRange ? { base, head } : undefined;
}

/** Reads one side of a range: a commit of the repository, or the files on disk. */
export async function readSide(repository: LocalRepository, name: string, subpath: string): Promise<NamedRevision> {
  if (name === WORKTREE) {
    return { name, commit: WORKTREE, ...(await readWorkingTree(join(repository.root, subpath))) };
  }
  const commit = await repository.resolve(name);
  return { name, commit, ...(await repository.read(commit, subpath)) };
}

/** Paths, from the root of the repository, of the configuration files that differ, sorted. */
export function changedPaths(base: RevisionFiles, head: RevisionFiles, subpath: string): string[] {
  const before = new Map(base.files.map(({ path, blobId }) => [path, blobId]));
  const after = new Map(head.files.map(({ path, blobId }) => [path, blobId]));
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  return paths.map((path) => join(subpath, path)).sort();
}
