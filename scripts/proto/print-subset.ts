/**
 * Rewrites proto/envoy and proto/google from scripts/proto/selection.yaml and an Envoy binary:
 * node scripts/proto/print-subset.ts PATH_OF_ENVOY
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { readDescriptors } from '../../src/io/envoy/read-descriptors.ts';
import { type Selection, subsetText } from './subset-text.ts';

const root = join(import.meta.dirname, '../..');
const binary = process.argv[2] ?? process.env.HEADGATE_ENVOY;
if (binary === undefined) throw new Error('name the Envoy binary, as an argument or in HEADGATE_ENVOY');

const selection = parse(readFileSync(join(root, 'scripts/proto/selection.yaml'), 'utf8')) as Selection;
const files = subsetText(readDescriptors(binary), selection);
for (const folder of ['envoy', 'google']) rmSync(join(root, 'proto', folder), { recursive: true, force: true });
for (const [path, text] of files) {
  const target = join(root, 'proto', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
console.log(`${files.size} files below proto/`);
