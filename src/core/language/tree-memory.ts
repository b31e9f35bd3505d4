import { type DecodedText, decodeText } from './decode-text.ts';
import type { TreeFile } from './tree-file.ts';

/**
 * What stays from one compilation of a tree to the next, so that what did not change is the same object again and what
 * was worked out from it still stands (see base/remember.ts). It holds the tree that was compiled last.
 */
export interface TreeMemory {
  /** The texts of a tree: of a file that holds what it held before, the same text. */
  readonly decode: (files: readonly TreeFile[]) => readonly DecodedText[];
  /** The list, or the one of this name before where that has the same members. */
  readonly list: <T extends object>(name: string, members: readonly T[]) => readonly T[];
}

export function createTreeMemory(): TreeMemory {
  const lists = new Map<string, readonly object[]>();
  let known = new Map<string, { readonly file: TreeFile; readonly decoded: DecodedText }>();
  return {
    decode: (files) => {
      const before = known;
      known = new Map();
      return files.map((file) => {
        const last = before.get(file.path);
        const decoded = last !== undefined && holdsSame(last.file, file) ? last.decoded : decodeText(file);
        known.set(file.path, { file, decoded });
        return decoded;
      });
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
