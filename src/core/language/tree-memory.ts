import { type DecodedText, decodeText } from './decode-text.ts';
import type { TreeFile } from './tree-file.ts';

/**
 * What stays from one compilation of a tree to the next, so that what did not change is the same object again and what
 * was worked out from it still stands (see base/remember.ts). It holds the tree that was compiled last.
 */
export interface TreeMemory {
  /** The text of a file: the same one for a file that holds what it held before. */
  readonly text: (file: TreeFile) => DecodedText;
  /** Forgets every file but these. */
  readonly keep: (files: readonly TreeFile[]) => void;
  /** The list, or the one of this name before where that has the same members. */
  readonly list: <T extends object>(name: string, members: readonly T[]) => readonly T[];
}

export function createTreeMemory(): TreeMemory {
  const texts = new Map<string, { readonly file: TreeFile; readonly decoded: DecodedText }>();
  const lists = new Map<string, readonly object[]>();
  return {
    text: (file) => {
      const last = texts.get(file.path);
      const decoded = last !== undefined && holdsSame(last.file, file) ? last.decoded : decodeText(file);
      texts.set(file.path, { file, decoded });
      return decoded;
    },
    keep: (files) => {
      const kept = new Set(files.map(({ path }) => path));
      for (const path of texts.keys()) if (!kept.has(path)) texts.delete(path);
    },
    list: <T extends object>(name: string, members: readonly T[]) => {
      const last = lists.get(name);
      const isSame = last?.length === members.length && members.every((member, index) => member === last[index]);
      if (isSame) return last as readonly T[];
      lists.set(name, members);
      return members;
    },
  };
}

function holdsSame(left: TreeFile, right: TreeFile): boolean {
  if ('text' in left || 'text' in right) return 'text' in left && 'text' in right && left.text === right.text;
  return left.bytes === right.bytes || (left.blobId !== undefined && left.blobId === right.blobId);
}
