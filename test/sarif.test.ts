import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { renderReport } from '../src/core/diagnostics/report-format.ts';
import { compileTree } from '../src/core/language/compile-tree.ts';
import { GOLDEN_NOW_MS, type GoldenTree, goldenTrees, scanCredentials } from './support/golden-trees.ts';
import { SARIF_SCHEMA } from './support/sarif-schema.ts';

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
  }[];
}

const ajv = new Ajv({ allErrors: true, strict: true });
const validate = ajv.compile<Log>(SARIF_SCHEMA);

function logOf({ files, context }: GoldenTree): unknown {
  const { diagnostics } = compileTree(files, context, scanCredentials, [], { nowMs: GOLDEN_NOW_MS });
  return JSON.parse(renderReport('sarif', diagnostics, { version: '1.2.3', folder: 'config' }));
}

test('the report of every golden tree is SARIF 2.1.0', () => {
  const wrong = goldenTrees().flatMap((tree) => {
    const log = logOf(tree);
    return validate(log) ? [] : [{ tree: tree.name, errors: validate.errors }];
  });
  expect(wrong).toEqual([]);
});

test('every result names its rule by id and by place', () => {
  const runs = goldenTrees().flatMap((tree) => (logOf(tree) as Log).runs);
  const results = runs.flatMap(({ tool, results: found }) =>
    found.map(({ ruleId, ruleIndex }) => [ruleId, tool.driver.rules[ruleIndex]?.id]),
  );
  expect(results.filter(([id, listed]) => id !== listed)).toEqual([]);
  expect(results.length).toBeGreaterThan(100);
});

test.each<[string, (log: { runs: [{ results: [object] }] }) => unknown]>([
  ['a result without a message', ({ runs: [run] }) => Reflect.deleteProperty(run.results[0], 'message')],
  ['a member that the format does not have', ({ runs: [run] }) => Object.assign(run.results[0], { severity: 'high' })],
  ['a level of ours', ({ runs: [run] }) => Object.assign(run.results[0], { level: 'fatal' })],
])('the schema refuses %s', (_what, spoil) => {
  const tree = goldenTrees().find(({ name }) => name === 'HG3107-unknown-model');
  const log = tree && logOf(tree);
  spoil(log as { runs: [{ results: [object] }] });
  expect(validate(log)).toBe(false);
});
