import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** One file of the watched tree: its path below the root, with `/` between folders, and what it holds. */
export type TreeFile =
  /** `blobId` tells contents apart, where it is known. */
  | { readonly path: string; readonly bytes: Uint8Array; readonly blobId?: string }
  | { readonly path: string; readonly text: string };

/** Something in the tree that cannot be read as a file, such as a symbolic link, with what is to be said of it. */
export interface RefusedEntry {
  readonly path: string;
  readonly refusal: Diagnostic;
}

/** A document file, a policy or its data, the list of paths to leave out, or something that is not ours. */
export type FileRole = 'document' | 'policy' | 'policy-test' | 'policy-data' | 'ignore-list' | 'other';

/** The file at the root that lists the paths which are no part of the tree. */
export const IGNORE_LIST = '.headgateignore';

/** What opa reads as `data` when it stands beside policies. */
const POLICY_DATA = 'data.json';

/** Files and folders whose name starts with a dot (`.github`, `.git`) are not ours. */
export function fileRole(path: string): FileRole {
  if (path === IGNORE_LIST) return 'ignore-list';
  if (path.split('/').some((part) => part.startsWith('.'))) return 'other';
  if (/\.ya?ml$/.test(path)) return 'document';
  if (path.split('/').at(-1) === POLICY_DATA) return 'policy-data';
  if (path.endsWith('_test.rego')) return 'policy-test';
  return path.endsWith('.rego') ? 'policy' : 'other';
}
