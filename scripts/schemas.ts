// Writes schemas/*.schema.json from the kinds of the language; with `--out DIR` into DIR instead, for a comparison.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { jsonSchemas } from '../src/core/language/json-schemas.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'schemas') } } });

mkdirSync(values.out, { recursive: true });
for (const file of readdirSync(values.out)) {
  if (file.endsWith('.schema.json')) rmSync(join(values.out, file));
}
for (const [file, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(join(values.out, file), `${JSON.stringify(schema, null, 2)}\n`);
}
