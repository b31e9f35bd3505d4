import { parseTree, type TreeEntry } from './git-object.ts';
import type { GitObject, ObjectReader } from './object-reader.ts';
import { SourceError } from './source-error.ts';
import type { Entry, SourceTree } from './walk-source.ts';

/** A directory of a hundred thousand names. */
const TREE_BYTES_MAX = 8 * 1024 * 1024;

/** Objects of the last revision by id: what did not change is not read again. */
export interface ObjectCache {
  readonly trees: ReadonlyMap<string, readonly Entry<string>[]>;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export const EMPTY_CACHE: ObjectCache = { trees: new Map(), blobs: new Map() };

/** A git tree as a source: references are object ids. `touched` gathers what the next read may take from the cache. */
export function revisionTree(
  reader: ObjectReader,
  cache: ObjectCache,
): { tree: SourceTree<string>; touched: ObjectCache } {
  const trees = new Map<string, readonly Entry<string>[]>();
  const blobs = new Map<string, Uint8Array>();
  const tree: SourceTree<string> = {
    async list(id) {
      const entries = cache.trees.get(id) ?? (await readEntries(reader, id));
      trees.set(id, entries);
      return entries;
    },
    async read(id, bytesMax) {
      const cached = cache.blobs.get(id);
      const bytes = cached ?? (await readBlob(reader, id, bytesMax));
      if (bytes === 'too-large') return bytes;
      blobs.set(id, bytes);
      return { blobId: id, bytes };
    },
  };
  return { tree, touched: { trees, blobs } };
}

/** The id of the tree at `path` (parts between `/`) below the tree `id`, undefined when there is none. */
export async function findSubtree(
  tree: SourceTree<string>,
  id: string,
  parts: readonly string[],
): Promise<string | undefined> {
  let found = id;
  for (const part of parts) {
    const entry = (await tree.list(found)).find(({ name }) => name === part);
    if (entry?.kind !== 'directory') return undefined;
    found = entry.reference;
  }
  return found;
}

/** The object, which must be there and of this type. */
export async function readObject(
  reader: ObjectReader,
  name: string,
  type: string,
  bytesMax: number,
): Promise<GitObject> {
  const object = await reader.read(name, bytesMax);
  if (object.kind !== 'missing' && object.type === type) return object;
  throw new SourceError('git-corrupt', `the mirror lacks the ${type} ${name}`);
}

async function readEntries(reader: ObjectReader, id: string): Promise<readonly Entry<string>[]> {
  const object = await readObject(reader, id, 'tree', TREE_BYTES_MAX);
  if (object.kind !== 'object') throw new SourceError('git-too-large', `the tree ${id} is too large`);
  const entries = parseTree(object.bytes);
  if (entries === undefined) throw new SourceError('git-corrupt', `the tree ${id} is malformed`);
  return entries.map(sourceEntry);
}

async function readBlob(reader: ObjectReader, id: string, bytesMax: number): Promise<Uint8Array | 'too-large'> {
  const object = await readObject(reader, id, 'blob', bytesMax);
  return object.kind === 'object' ? object.bytes : 'too-large';
}

function sourceEntry(entry: TreeEntry): Entry<string> {
  const name = entry.name ?? '\uFFFD';
  switch (entry.mode) {
    case '40000':
      return { kind: 'directory', name, reference: entry.id };
    case '100644':
    case '100755':
      return { kind: 'file', name, reference: entry.id };
    case '120000':
      return { kind: 'symlink', name };
    case '160000':
      return { kind: 'submodule', name };
    default:
      return { kind: 'not-a-file', name };
  }
}
