import { IGNORE_LIST } from '../../core/language/tree-file.ts';

/** A directory that is never looked into, or a file that is a tool's own: `.git`, `.github`, `.gitlab-ci.yml` ... */
export function isIgnored(name: string, isAtRoot: boolean): boolean {
  return (name.startsWith('.') && !(isAtRoot && name === IGNORE_LIST)) || name === 'node_modules';
}

/** Whether a file of this name can be configuration, given the names that stand beside it. */
export function isConfiguration(name: string, siblings: ReadonlySet<string>): boolean {
  if (/\.(yaml|yml|rego)$/.test(name) || name === IGNORE_LIST) return true;
  return name === 'data.json' && [...siblings].some((sibling) => sibling.endsWith('.rego'));
}

/** The longest name that file systems take. */
const NAME_CHARACTERS_MAX = 255;

/** A name that would mean another place, or that no terminal, shell or file system agrees on. */
export function isUnsafeName(name: string): boolean {
  return (
    name === '' || name === '.' || name === '..' || name.length > NAME_CHARACTERS_MAX || /[\p{Cc}\\/\uFFFD]/u.test(name)
  );
}

/** Two names with the same key are one file where case or Unicode form does not count. */
export function collisionKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** The path with its control characters spelt out, so that it can be printed. */
export function printablePath(path: string): string {
  return path.replace(/\p{Cc}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const LFS_FIRST_LINE = Buffer.from('version https://git-lfs.github.com/spec/');

/** A pointer that Git LFS commits instead of the content (its spec, version 1). */
export function isLfsPointer(bytes: Uint8Array): boolean {
  return LFS_FIRST_LINE.equals(bytes.subarray(0, LFS_FIRST_LINE.length));
}
