import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { withoutOrigins } from '../ir/origin.ts';
import { type CompiledTree, compileTree } from './compile-tree.ts';
import { KINDS } from './kinds.ts';
import type { TreeFile } from './tree-file.ts';

const ROOT = join(import.meta.dirname, '../../../examples/quickstart');

const paths = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
  .filter((path) => !path.startsWith('broken/'));
const quickstart = paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const others = quickstart.filter((file) => !file.path.endsWith('.yaml') && file.path !== '.headgateignore');
const documents = quickstart
  .filter((file) => file.path.endsWith('.yaml'))
  .flatMap((file) => file.text.split(/^---$/m))
  .map((text): unknown => parse(text));

describe('the model of a tree', () => {
  test('does not depend on the order of files, documents and keys, nor on which file holds what', () => {
    const meaning = withoutOrigins(compiled(quickstart).ir);
    const layout = fc.record({
      documents: fc.shuffledSubarray(documents, { minLength: documents.length, maxLength: documents.length }),
      fileCount: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(layout, (chosen) => {
        const files = laidOut(chosen.documents, chosen.fileCount, chosen.seed);
        const tree = compiled(chosen.seed % 2 === 0 ? [...others, ...files] : [...files, ...others]);
        expect(tree.diagnostics).toEqual([]);
        expect(withoutOrigins(tree.ir)).toEqual(meaning);
      }),
    );
  });

  test('holds the places where its parts were written', () => {
    const { ir } = compiled(quickstart);
    expect(ir?.routes.map((route) => [route.origin, route.tiers.map((tier) => tier.origin.line)])).toEqual([
      [{ file: 'routes/chat.yaml', line: 4, column: 19 }, [8, 9]],
    ]);
    expect(ir?.fleets.map((fleet) => fleet.listeners)).toEqual([
      [
        {
          name: 'api',
          address: '0.0.0.0',
          port: 10_000,
          origin: { file: 'fleets/edge.yaml', line: 8, column: 26 },
        },
      ],
    ]);
  });

  test('fills in what was not written', () => {
    const text = stringify({
      apiVersion: 'headgate.dev/v1',
      kind: 'Route',
      metadata: { name: 'all' },
      spec: { targets: [{}] },
    });
    const { ir } = compiled([{ path: 'a.yaml', text }]);
    expect(withoutOrigins(ir?.routes)).toEqual([
      {
        name: 'all',
        match: { models: '*', teams: '*', labels: {}, headers: {} },
        require: {},
        tiers: [{ arms: [{ weight: 1 }], order: 'listed' }],
        retry: { attempts: 3, on: ['429', '5xx', 'connect', 'reset', 'timeout'] },
        timeouts: { headersMs: 10_000, answerMs: 120_000, idleMs: 60_000, totalMs: 600_000 },
        bodyBytesMax: 8_388_608,
      },
    ]);
  });
});

describe('any tree gets a model or an error, and never an exception', () => {
  test('whatever bytes a file holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(isJudged([{ path: 'a.yaml', bytes }])).toBe(true);
      }),
    );
  });

  test('whatever text a file holds', () => {
    const yamlish = fc.string({ unit: fc.constantFrom(...'a1 :-\n\t[]{}\'"#&*!|>%@,?~.<'), maxLength: 60 });
    fc.assert(
      fc.property(yamlish, (text) => {
        expect(isJudged([{ path: 'a.yaml', text }])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever stands in the fields of its documents', () => {
    const kinds = Object.keys(KINDS);
    const document = fc.record({
      apiVersion: fc.constant('headgate.dev/v1'),
      kind: fc.constantFrom(...kinds),
      metadata: fc.record({ name: fc.constantFrom('a', 'b') }),
      spec: fc.anything({ maxDepth: 3, key: fc.constantFrom('match', 'targets', 'models', 'load', 'type', 'x') }),
    });
    fc.assert(
      fc.property(fc.array(document, { maxLength: 4 }), (all) => {
        const text = all.map((item) => JSON.stringify(item)).join('\n---\n');
        expect(isJudged([{ path: 'a.yaml', text }])).toBe(true);
      }),
    );
  });

  test('whatever one edit does to a good tree', () => {
    const edit = fc.record({
      file: fc.nat({ max: quickstart.length - 1 }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat({ max: 30 }),
      text: fc.constantFrom('', ' ', '\n', ':', '-', '*', '[', '}', '"', 'null', '0', '\t', '\r\n'),
    });
    fc.assert(
      fc.property(edit, (chosen) => {
        const files = quickstart.map((file, index) => {
          const at = Math.floor(chosen.at * file.text.length);
          const text = file.text.slice(0, at) + chosen.text + file.text.slice(at + chosen.length);
          return index === chosen.file ? { path: file.path, text } : file;
        });
        expect(isJudged(files)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Without boot settings and without a search for credentials. */
function compiled(files: readonly TreeFile[]): CompiledTree {
  return compileTree(files, undefined, () => []);
}

/** Whether there is either a model or an error. */
function isJudged(files: readonly TreeFile[]): boolean {
  const { ir, diagnostics } = compiled(files);
  return (ir === undefined) === diagnostics.some((item) => item.severity === 'error');
}

/** The documents over some files in the order given, the keys of each mapping in an order that the seed chooses. */
function laidOut(all: readonly unknown[], fileCount: number, seed: number): { path: string; text: string }[] {
  const files = Array.from({ length: fileCount }, (_, index) => ({ path: `${index}.yaml`, text: '' }));
  for (const [index, document] of all.entries()) {
    const file = files[(index * 7 + seed) % fileCount];
    if (file !== undefined) file.text += `---\n${stringify(reordered(document, seed))}`;
  }
  return files;
}

function reordered(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, seed));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, member]) => [key, reordered(member, seed)] as const);
  const turn = entries.length === 0 ? 0 : seed % entries.length;
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]);
}
