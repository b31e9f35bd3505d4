import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from './source-error.ts';
import { type Finding, SOURCE_LIMITS, type SourceFile, type SourceLimits } from './source-file.ts';
import { type Entry, type SourceTree, walkSource } from './walk-source.ts';

/**
 * The same files and findings from a directory on disk as `Mirror.read` gives from a commit of it. Links are never
 * followed.
 * @throws SourceError `directory-unreadable`
 */
export async function readWorkingTree(
  directory: string,
  limits: SourceLimits = SOURCE_LIMITS,
): Promise<{ files: SourceFile[]; findings: Finding[] }> {
  try {
    return await walkSource(directoryTree, directory, limits);
  } catch (cause) {
    throw unreadable(directory, cause);
  }
}

function unreadable(directory: string, cause: unknown): SourceError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  return new SourceError('directory-unreadable', `cannot read ${directory}: ${why}`, { cause });
}

/** References are paths. Each call of the system takes microseconds, and to wait for it elsewhere several times that. */
const directoryTree: SourceTree<string> = {
  list(directory) {
    const names = readdirSync(directory, { withFileTypes: true });
    const entries = names.map((item): Entry<string> => {
      const { name } = item;
      const reference = join(directory, name);
      if (item.isDirectory()) return { kind: 'directory', name, reference };
      if (item.isFile()) return { kind: 'file', name, reference };
      return { kind: item.isSymbolicLink() ? 'symlink' : 'not-a-file', name };
    });
    return Promise.resolve(entries);
  },
  read(path, bytesMax) {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if (fstatSync(file).size > bytesMax) return Promise.resolve('too-large');
      const bytes = readFileSync(file);
      return Promise.resolve({ blobId: blobIdOf(bytes), bytes });
    } finally {
      closeSync(file);
    }
  },
};

/** Git's id of a blob: SHA-1 over a header and the bytes. It names content; it protects nothing. */
function blobIdOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
