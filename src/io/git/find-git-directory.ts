import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SourceError } from './source-error.ts';

/** Where a repository keeps its objects, and the root of its working tree. */
export interface GitPlace {
  readonly gitDirectory: string;
  readonly root: string;
}

/**
 * The repository that a directory is in: the nearest `.git` above, a folder or a file that names one (a linked working
 * tree).
 * @throws SourceError `git-settings` when there is none
 */
export async function findGitDirectory(directory: string): Promise<GitPlace> {
  for (let root = resolve(directory); ; root = dirname(root)) {
    const found = await gitDirectoryIn(root);
    if (found !== undefined) return { gitDirectory: found, root };
    if (dirname(root) === root) throw new SourceError('git-settings', `${directory} is in no Git repository`);
  }
}

async function gitDirectoryIn(root: string): Promise<string | undefined> {
  const path = join(root, '.git');
  try {
    if ((await stat(path)).isDirectory()) return path;
    const named = /^gitdir: (.+)$/m.exec(await readFile(path, 'utf8'))?.[1];
    return named === undefined ? undefined : resolve(root, named);
  } catch {
    return undefined;
  }
}
