import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sortedBy } from '../../core/base/text-order.ts';
import { jsonSchemas } from '../../core/language/json-schemas.ts';

const TEMPLATE = fileURLToPath(new URL('../../../templates/repository/', import.meta.url));

/** The hash that stands in the template where the hash of a new key goes. */
const HASH_PLACEHOLDER = `sha256:${'0'.repeat(64)}`;

export interface NewFile {
  /** Below the new repository. */
  readonly path: string;
  readonly text: string;
}

/** A repository that works: documents, policies, tests, the pipelines of two forges, schemas for editors. */
export async function repositoryFiles(keyHash: string): Promise<NewFile[]> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8');
      return { path: path.slice(TEMPLATE.length), text: text.replace(HASH_PLACEHOLDER, keyHash) };
    }),
  );
  return sortedBy([...files, ...schemaFiles()], ({ path }) => path);
}

/** A JSON Schema of every kind, for the language servers of editors. */
export function schemaFiles(): NewFile[] {
  return Object.entries(jsonSchemas()).map(([name, schema]) => ({
    path: `.schemas/${name}`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}
