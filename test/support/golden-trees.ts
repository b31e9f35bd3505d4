import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanCredentials as productScan } from '../../src/app/revision/credential-scan.ts';
import type { TreeContext } from '../../src/core/language/catalog.ts';
import type { TreeFile } from '../../src/core/language/tree-file.ts';

/** The scan of the product. */
export const scanCredentials = productScan();

/** The day on which golden trees are judged. */
export const GOLDEN_NOW_MS = Date.UTC(2026, 11, 1);

const FOLDER = join(import.meta.dirname, '../golden/language');

/** What stands beside the files of a case and is no part of its tree. */
const BESIDE = ['expected.txt', 'context.json'];

/** A tree on disk: what is read, and what the boot settings say. */
export interface GoldenTree {
  readonly name: string;
  readonly expectedPath: string;
  readonly files: readonly (TreeFile & { readonly bytes: Uint8Array })[];
  readonly context?: TreeContext;
}

/** Every case of test/golden/language, by name. */
export function goldenTrees(): GoldenTree[] {
  return readdirSync(FOLDER)
    .sort()
    .map((name) => readTree(name, join(FOLDER, name)));
}

export function readTree(name: string, root: string): GoldenTree {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const files = paths
    .filter((path) => !BESIDE.includes(path))
    .map((path) => ({ path, bytes: new Uint8Array(readFileSync(join(root, path))) }));
  const expectedPath = join(root, 'expected.txt');
  if (!paths.includes('context.json')) return { name, expectedPath, files };
  return { name, expectedPath, files, context: JSON.parse(readFileSync(join(root, 'context.json'), 'utf8')) };
}
