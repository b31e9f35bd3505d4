import { type CredentialScan, credentialsIn } from '../../core/language/check-credentials.ts';
import type { SourceText } from '../../core/language/decode-text.ts';
import { type KeptFile, keptFile, restoreFile } from '../../core/language/kept-file.ts';
import type { ReadTree } from '../../core/language/read-tree.ts';
import { keepText, keptText } from '../../io/cache/kept-texts.ts';
import type { SourceFile } from '../../io/git/source-file.ts';

/** What is kept of single files from one process to the next. */
export interface KeptFiles {
  /** Takes what is kept of the files of a tree: they are not read again. */
  readonly restore: (tree: ReadTree, files: readonly SourceFile[], scan: CredentialScan) => void;
  /** Keeps what was worked out of each file of a tree that was read. */
  readonly keep: (tree: ReadTree, files: readonly SourceFile[], scan: CredentialScan) => void;
}

/** Each is read and written as a whole: a tree where one file changed writes one of them. */
const SHARDS = '0123456789abcdef';
/** What other trees left in a shard goes first. Some thousands of files. */
const SHARD_CHARS_MAX = 3 * 1024 * 1024;

/**
 * Files by path and blob id, in a folder of the user's own. `stamp` names all that the outcome depends on beside the
 * file: the program.
 */
export function createKeptFiles(folder: string, stamp: string): KeptFiles {
  const shardKey = (shard: string) => `${stamp} ${shard}`;
  const shards = new Map<string, ReadonlyMap<string, string>>();
  const linesIn = (shard: string): ReadonlyMap<string, string> => {
    const lines = shards.get(shard) ?? linesOf(keptText(folder, shardKey(shard)) ?? '');
    shards.set(shard, lines);
    return lines;
  };
  // A file that two revisions share is the same one in both.
  const restored = new WeakSet<SourceText>();
  return {
    restore: ({ documents }, files, scan) => {
      const lineName = lineNames(files);
      for (const document of documents) {
        const name = lineName(document);
        const text = linesIn(name.charAt(0)).get(name);
        if (text === undefined || restored.has(document)) continue;
        restoreFile(document, scan, JSON.parse(text) as KeptFile);
        restored.add(document);
      }
    },
    keep: ({ documents }, files, scan) => {
      const lineName = lineNames(files);
      const added = new Map<string, Map<string, string>>([...SHARDS].map((shard) => [shard, new Map()]));
      for (const document of documents) {
        const name = lineName(document);
        const shard = name.charAt(0);
        // One with a credential in it is to be on no further disk.
        if (linesIn(shard).has(name) || credentialsIn(document, scan).length > 0) continue;
        added.get(shard)?.set(name, JSON.stringify(keptFile(document, scan)));
      }
      for (const [shard, lines] of added) {
        if (lines.size === 0) continue;
        const all = boundedLines(lines, linesIn(shard));
        shards.set(shard, all);
        keepText(folder, shardKey(shard), [...all].map(([name, text]) => `${name}\t${text}`).join('\n'));
      }
    },
  };
}

function lineNames(files: readonly SourceFile[]): (document: SourceText) => string {
  const blobIds = new Map(files.map(({ path, blobId }) => [path, blobId]));
  return ({ path }) => `${blobIds.get(path)} ${path}`;
}

function linesOf(text: string): Map<string, string> {
  const lines = text === '' ? [] : text.split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]));
}

/** The new lines first, then as many of the others as fit. */
function boundedLines(
  added: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const lines = new Map(added);
  let length = 0;
  for (const [name, text] of added) length += name.length + text.length + 2;
  for (const [name, text] of others) {
    length += name.length + text.length + 2;
    if (length > SHARD_CHARS_MAX) break;
    lines.set(name, text);
  }
  return lines;
}
