import { relative, resolve, sep } from 'node:path';
import { type LocalRepository, openLocalRepository } from '../../io/git/local-repository.ts';
import { SourceError } from '../../io/git/source-error.ts';
import type { SourceFile } from '../../io/git/source-file.ts';
import type { ExplainSources } from './explain-record.ts';

/** Who wrote the lines of a tree on disk. */
export interface TreeBlame {
  readonly blame: ExplainSources['blame'];
  readonly close: () => void;
}

/**
 * Blames the lines of files that are as HEAD has them; of a changed or new file, and outside a repository, nothing is
 * said.
 */
export async function blameTree(directory: string, files: readonly SourceFile[]): Promise<TreeBlame> {
  const repository = await repositoryOf(directory);
  if (repository === undefined) return { blame: async () => undefined, close: () => undefined };
  const subpath = relative(repository.root, resolve(directory)).split(sep).join('/');
  const known = new Map(files.map(({ path, blobId }) => [path, blobId]));
  const committed = new Map<string, string>();
  let head: string | undefined;
  try {
    head = await repository.resolve('HEAD');
    for (const { path, blobId } of (await repository.read(head, subpath)).files) committed.set(path, blobId);
  } catch (cause) {
    // A repository without a commit yet.
    if (!(cause instanceof SourceError)) throw cause;
  }
  return {
    blame: async (_commit, path, line) => {
      if (head === undefined || known.get(path) === undefined || known.get(path) !== committed.get(path))
        return undefined;
      return await repository.blame(head, subpath === '' ? path : `${subpath}/${path}`, line);
    },
    close: repository.close,
  };
}

async function repositoryOf(directory: string): Promise<LocalRepository | undefined> {
  try {
    return await openLocalRepository(directory);
  } catch (cause) {
    if (cause instanceof SourceError && cause.code === 'git-settings') return undefined;
    throw cause;
  }
}
