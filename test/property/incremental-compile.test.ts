import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generatedTree } from '../../bench/support/generated-tree.ts';
import { bundleOf, bundleParts } from '../../src/app/revision/bundle.ts';
import { compileFleet } from '../../src/core/envoy/compile-fleet.ts';
import type { Ir } from '../../src/core/ir/ir.ts';
import { compileTree } from '../../src/core/language/compile-tree.ts';
import { keptFile, restoreFile } from '../../src/core/language/kept-file.ts';
import { readTree } from '../../src/core/language/read-tree.ts';
import type { TreeFile } from '../../src/core/language/tree-file.ts';
import { createTreeMemory, type TreeMemory } from '../../src/core/language/tree-memory.ts';
import { GOLDEN_NOW_MS, goldenTrees, scanCredentials } from '../support/golden-trees.ts';

type Tree = ReadonlyMap<string, string>;

/** Every golden tree, and one that is valid, has all kinds and hundreds of references between them. */
const TREES: readonly Tree[] = [
  ...goldenTrees().map(({ files }) => new Map(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]))),
  ...Array.from({ length: 20 }, () => generatedTree(100)),
];

/** What moves values, names, references, places and shapes about. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/\b10s\b/, '11s'],
  [/\b11s\b/, '10s'],
  [/0\.60/, '0.70'],
  [/\bmodel-3\b/g, 'model-4'],
  [/\balias-1\b/g, 'alias-2'],
  [/name: cloud\b/, 'name: air'],
  [/team-1\b/g, 'team-2'],
  [/region: eu/g, 'region: us'],
  [/tier: gold/, 'tier: iron'],
  [/^apiVersion/m, '# a line more\napiVersion'],
  [/kind: Model/, 'kind: Modell'],
  [/spec:/, 'spec :  # kept\n'],
  [/mode: enforce/, 'mode: shadow'],
  [/metadata/, 'metdata'],
  [/cluster: edge/, 'cluster: rim'],
];

const change = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), file: fc.nat(), what: fc.nat({ max: 14 }) }),
  fc.record({ kind: fc.constant('remove' as const), file: fc.nat() }),
  fc.record({ kind: fc.constant('move' as const), file: fc.nat() }),
  fc.record({ kind: fc.constant('copy' as const), file: fc.nat() }),
  fc.record({ kind: fc.constant('restore' as const) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** The tree after a change; of a replacement the first one from `what` on that fits the file is made. */
function changed(tree: Tree, first: Tree, step: Change): Tree {
  if (step.kind === 'restore') return first;
  const paths = [...tree.keys()];
  const path = paths[step.file % paths.length] ?? '';
  const text = tree.get(path) ?? '';
  const files = new Map(tree);
  switch (step.kind) {
    case 'remove':
      files.delete(path);
      return files;
    case 'move':
      files.delete(path);
      return files.set(`moved/${path}`, text);
    case 'copy':
      return files.set(`copied/${path}`, text);
    case 'replace': {
      const turned = [...REPLACEMENTS.slice(step.what), ...REPLACEMENTS.slice(0, step.what)];
      const [from, to] = turned.find(([pattern]) => text.search(pattern) !== -1) ?? [/$/, '\n'];
      return files.set(path, text.replace(from, to));
    }
  }
}

const AUTHORITIES = { system: { path: '/' }, named: {} };

/** Everything that comes of a tree, as bytes and text. */
function compiled(tree: Tree, nowMs: number, memory: TreeMemory): unknown {
  const files: TreeFile[] = [...tree].map(([path, text]) => ({ path, text }));
  const { ir, diagnostics } = compileTree(files, undefined, scanCredentials, [], { nowMs, memory });
  return { diagnostics, model: ir === undefined ? 'none' : servedBy(ir) };
}

/** As in another process, which has what was kept of each file on its disk. */
function compiledFromKept(tree: Tree, nowMs: number): unknown {
  const files: TreeFile[] = [...tree].map(([path, text]) => ({ path, text }));
  const [before, after] = [createTreeMemory(), createTreeMemory()];
  const kept = readTree(files, [], before).documents.map((file) => JSON.stringify(keptFile(file, scanCredentials)));
  for (const [index, file] of readTree(files, [], after).documents.entries()) {
    restoreFile(file, scanCredentials, JSON.parse(kept[index] ?? ''));
  }
  return compiled(tree, nowMs, after);
}

function servedBy(ir: Ir): unknown {
  const bundle = bundleOf(ir, { wasm: new Uint8Array(0), index: { guardrails: {} } }, 'c');
  const authorities = {
    ...AUTHORITIES,
    named: Object.fromEntries(ir.providers.map(({ authority = '' }) => [authority, { pem: authority }])),
  };
  const fleets = ir.fleets.map((fleet) => compileFleet(ir, fleet, { revision: bundle.digest, authorities }));
  return {
    digest: bundle.digest,
    tables: JSON.stringify(bundle.tables),
    parts: Object.entries(bundleParts(bundle)).map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]),
    whole: Buffer.from(bundleParts(bundle)['ir.json'] ?? []).toString() === JSON.stringify(ir),
    fleets: fleets.map(({ resources, ...fleet }) => ({
      ...fleet,
      resources: resources.map(({ bytes, ...resource }) => ({
        ...resource,
        bytes: Buffer.from(bytes).toString('latin1'),
      })),
    })),
  };
}

test('whatever commits change, compiling what changed, or from what is kept of files, is the same as compiling all, byte for byte', () => {
  const commits = fc.record({
    tree: fc.nat({ max: TREES.length - 1 }),
    steps: fc.array(fc.record({ change, days: fc.nat({ max: 2 }) }), { minLength: 1, maxLength: 6 }),
  });
  let valid = 0;
  fc.assert(
    fc.property(commits, ({ tree: index, steps }) => {
      const first = TREES[index] ?? new Map();
      const memory = createTreeMemory();
      compiled(first, GOLDEN_NOW_MS, memory);
      let tree = first;
      for (const { change: step, days } of steps) {
        tree = changed(tree, first, step);
        const nowMs = GOLDEN_NOW_MS + days * 86_400_000;
        const whole = compiled(tree, nowMs, createTreeMemory());
        expect(compiled(tree, nowMs, memory)).toEqual(whole);
        expect(compiledFromKept(tree, nowMs)).toEqual(whole);
        valid += (whole as { model: unknown }).model === 'none' ? 0 : 1;
      }
    }),
    { numRuns: 60 },
  );
  expect(valid).toBeGreaterThan(30);
});
