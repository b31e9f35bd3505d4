import { type CredentialScan, credentialsIn } from '../../core/language/check-credentials.ts';
import { type KeptFile, keptFile, restoreFile } from '../../core/language/kept-file.ts';
import type { ReadTree } from '../../core/language/read-tree.ts';
import { keepText, keptText } from '../../io/cache/kept-texts.ts';
import type { SourceFile } from '../../io/git/source-file.ts';

/** What is kept of single files from one process to the next. */
export interface KeptFiles {
  /** Takes what is kept of the files of a tree: they are not read again. */
  readonly restore: (tree: ReadTree, scan: CredentialScan) => void;
  /** Keeps what was worked out of each file of the tree that was restored last. */
  readonly keep: (tree: ReadTree, scan: CredentialScan) => void;
}

/** Each is read and written as a whole: a tree where one file changed writes one of them. */
const SHARDS = '0123456789abcdef';
/** What other trees left in a shard goes first. Some thousands of files. */
const SHARD_CHARS_MAX = 3 * 1024 * 1024;

/**
 * Files by path and blob id, in a folder of the user's own. `stamp` names all that the outcome depends on beside the
 * file: the program.
 */
export function createKeptFiles(folder: string, stamp: string, files: readonly SourceFile[]): KeptFiles {
  const blobIds = new Map(files.map(({ path, blobId }) => [path, blobId]));
  const lineName = (path: string) => `${blobIds.get(path)} ${path}`;
  const shardKey = (shard: string) => `${stamp} ${shard}`;
  const shards = new Map<string, Map<string, string>>();
  return {
    restore: ({ documents }, scan) => {
      for (const shard of SHARDS) shards.set(shard, linesOf(keptText(folder, shardKey(shard)) ?? ''));
      for (const document of documents) {
        const name = lineName(document.path);
        const text = shards.get(name.charAt(0))?.get(name);
        if (text !== undefined) restoreFile(document, scan, JSON.parse(text) as KeptFile);
      }
    },
    keep: ({ documents }, scan) => {
      const added = new Map<string, string[]>([...SHARDS].map((shard) => [shard, []]));
      for (const document of documents) {
        const name = lineName(document.path);
        const shard = name.charAt(0);
        // One with a credential in it is to be on no further disk.
        if (shards.get(shard)?.has(name) === true || credentialsIn(document, scan).length > 0) continue;
        added.get(shard)?.push(`${name}\t${JSON.stringify(keptFile(document, scan))}`);
      }
      for (const [shard, lines] of added) {
        if (lines.length > 0) keepText(folder, shardKey(shard), shardText(lines, shards.get(shard) ?? new Map()));
      }
    },
  };
}

function linesOf(text: string): Map<string, string> {
  const lines = text === '' ? [] : text.split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]));
}

/** The new lines first, then as many of the others as fit. */
function shardText(added: readonly string[], others: ReadonlyMap<string, string>): string {
  const lines = [...added];
  let length = added.reduce((sum, line) => sum + line.length + 1, 0);
  for (const [name, text] of others) {
    length += name.length + text.length + 2;
    if (length > SHARD_CHARS_MAX) break;
    lines.push(`${name}\t${text}`);
  }
  return lines.join('\n');
}
