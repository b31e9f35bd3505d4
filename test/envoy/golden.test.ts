import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Document, isScalar, stringify, visit } from 'yaml';
import { compileFleet, type FleetResources } from '../../src/core/envoy/compile-fleet.ts';
import { resourceJson } from '../../src/core/envoy/open-references.ts';
import type { EnvoyResource } from '../../src/core/envoy/resource.ts';
import { FLEET_CASES } from './fleet-cases.ts';
import { SETTINGS } from './settings.ts';

const golden = join(import.meta.dirname, '../golden/envoy');

describe('the resources of a fleet', () => {
  test.each(Object.entries(FLEET_CASES))('%s', (name, { ir, fleet }) => {
    const folder = join(golden, name);
    const files = goldenFiles(compileFleet(ir, fleet, SETTINGS));
    if (process.env.UPDATE_GOLDEN === '1') rewrite(folder, files);
    expect(Object.fromEntries(files)).toEqual(stored(folder));
  });

  test('no folder without a case', () => {
    expect(readdirSync(golden).sort()).toEqual(Object.keys(FLEET_CASES).sort());
  });
});

/** One file per resource type, one document per resource, and the list of secrets. */
function goldenFiles({ resources, secrets }: FleetResources): Map<string, string> {
  const files = new Map<string, string>([['secrets.yaml', stringify(secrets)]]);
  for (const resource of resources) {
    const file = `${resource.typeUrl.replace(/^.*\./, '')}.yaml`;
    const origins = resource.origins.map((origin) => `${origin.file}:${origin.line}`).join(' ');
    files.set(
      file,
      `${files.get(file) ?? ''}--- # ${origins === '' ? 'everywhere' : origins}\n${resourceText(resource)}`,
    );
  }
  return files;
}

/** YAML with sorted keys; lists of plain values on one line. */
function resourceText(resource: EnvoyResource): string {
  const document = new Document(resourceJson(resource), { sortMapEntries: true, aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
  });
  return document.toString({ lineWidth: 120 });
}

function stored(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function rewrite(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
}
