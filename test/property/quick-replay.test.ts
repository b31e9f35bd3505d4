import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generatedTree } from '../../bench/support/generated-tree.ts';
import { digestOfText } from '../../src/core/base/digest.ts';
import { hash32 } from '../../src/core/base/rng.ts';
import { type LoadedRevision, loadedRevision } from '../../src/core/decide/loaded-revision.ts';
import { prepareRevision } from '../../src/core/decide/revision.ts';
import type { Ir } from '../../src/core/ir/ir.ts';
import { compileTree } from '../../src/core/language/compile-tree.ts';
import { createTreeMemory, type TreeMemory } from '../../src/core/language/tree-memory.ts';
import { replayRequest } from '../../src/core/plan/replay-request.ts';
import { sameDecisions } from '../../src/core/plan/same-decisions.ts';
import type { EvaluatePolicy } from '../../src/core/policy/policy-port.ts';
import { buildTables } from '../../src/core/tables/build-tables.ts';
import { revisionDigest } from '../../src/core/tables/revision-digest.ts';
import { recordCorpus } from '../support/record-corpus.ts';

type Tree = ReadonlyMap<string, string>;

/** Every request of a team meets a guardrail, and each policy reads something else. */
const TREE: Tree = new Map(
  [...generatedTree(100)]
    .filter(([path]) => !path.startsWith('tests/'))
    .map(([path, text]) => [
      path,
      path.includes('guardrail-1') ? text.replace(/routes: .*\]/, 'teams: [ "*" ]') : text,
    ]),
);

/** What moves callers, routes, models, offers, pools and guardrails about; of some trees nothing is left that compiles. */
const EDITS: readonly (readonly [RegExp, string])[] = [
  [/\{ offers: \[ own \] \}\n {4}- \{ offers: \[ cloud \] \}/, '{ offers: [ cloud ] }'],
  [/teams: \[ team-\d+ \]/, 'teams: [ "*" ], headers: { x-tier: gold }'],
  [/output: 0\.60/, 'output: 0.70'],
  [/context: 131072/, 'context: 1000'],
  [/aliases: \[ (alias-\d+) \]/, 'aliases: [ $1, other-$1 ]'],
  [/models: \[ "\*" \]/, 'models: [ model-1 ]'],
  [/tier: \w+/, 'tier: iron'],
  [/team: team-\d+/, 'team: team-1'],
  [/region: \w+/, 'region: us'],
  [/:8000"/, ':8001"'],
  [/mode: enforce/, 'mode: shadow'],
  [/detectors: .*/, 'detectors: [ email ]'],
  [/routes: \[.*\]/, 'routes: [ route-3 ]'],
  [/answer: \w+/, 'answer: 3m'],
  [/max: \w+/, 'max: 1KiB'],
];

/** Denies a fifth of all inputs, by what stands in them: another commit is another input where a policy reads it. */
const evaluate: EvaluatePolicy = (inputJson) => {
  const decided = (name: string) => {
    const isDenied = hash32(`${name} ${inputJson}`) % 5 === 0;
    return { deny: isDenied ? [{ code: 'no' }] : [], warn: [], redact: [], route: [] };
  };
  const names = Array.from({ length: 5 }, (_, index) => `guardrail-${index}`);
  const value = Object.fromEntries(names.map((name) => [name, decided(name)]));
  return { kind: 'result', value, fuelUsed: 0, builtinErrors: [] };
};

const READS = [[['findings']], [['ctx', 'commit']], [['principal', 'team']]];

function loaded(ir: Ir, commit: string): LoadedRevision {
  const tables = buildTables(ir);
  const revision = prepareRevision(revisionDigest(ir, tables, new Uint8Array(0)), commit, tables);
  const guardrails = ir.guardrails.map(({ name, package: bound }, index) => {
    const row = { source: digestOfText(bound), rules: [], reads: READS[index % READS.length] ?? [], places: [] };
    return [name, row] as const;
  });
  return loadedRevision(revision, { guardrails: Object.fromEntries(guardrails) }, evaluate);
}

function modelOf(tree: Tree, memory: TreeMemory): Ir | undefined {
  const files = [...tree].map(([path, text]) => ({ path, text }));
  return compileTree(files, undefined, () => [], [], { memory }).ir;
}

function edited(tree: Tree, edits: readonly { readonly file: number; readonly what: number }[]): Tree {
  const files = new Map(tree);
  for (const { file, what } of edits) {
    const [from, to] = EDITS[what % EDITS.length] ?? [/$/, ''];
    const fitting = [...files.keys()].filter((path) => from.test(files.get(path) ?? ''));
    const chosen = fitting[file % Math.max(1, fitting.length)];
    if (chosen !== undefined) files.set(chosen, (files.get(chosen) ?? '').replace(from, to));
  }
  return files;
}

test('a request that both revisions decide from the same comes to the same in both', () => {
  const memory = createTreeMemory();
  const ir = modelOf(TREE, memory);
  const base = loaded(ir as Ir, 'base');
  const corpus = recordCorpus(base, 60);
  // Some were recorded before there were guardrails: their policies are asked now.
  const lines = corpus.map((line, index) => {
    const { judged: _judged, ...unjudged } = line;
    return index % 3 === 0 ? unjudged : line;
  });
  const edits = fc.array(fc.record({ file: fc.nat(), what: fc.nat({ max: EDITS.length - 1 }) }), { maxLength: 3 });
  const seen = { same: 0, asked: 0, other: 0 };
  fc.assert(
    fc.property(edits, (steps) => {
      const changed = modelOf(edited(TREE, steps), memory);
      if (changed === undefined) return;
      const head = loaded(changed, 'head');
      const isSame = sameDecisions(base, head);
      const differing = lines.filter((line) => {
        const { replayed, asked } = replayRequest(base, line);
        const kind = asked ? 'asked' : 'same';
        const shared = isSame(line) ? kind : 'other';
        seen[shared] += 1;
        return shared === 'same' && !isDeepStrictEqual(replayRequest(head, line).replayed, replayed);
      });
      expect(differing).toEqual([]);
    }),
    { numRuns: 150 },
  );
  expect(Math.min(seen.same, seen.asked, seen.other)).toBeGreaterThan(200);
});
