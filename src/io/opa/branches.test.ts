import { expect, test } from 'vitest';
import { branchesOf } from './branches.ts';
import type { RegoRule } from './rego-ast.ts';

function rule(name: string, row: number, more: Partial<RegoRule> = {}): RegoRule {
  return { head: { ref: [{ type: 'var', value: name }] }, location: { row, col: 1 }, ...more };
}

const PACKAGE = { path: [], location: { row: 1, col: 1 } };
const at = (row: number, col: number) => [{ location: { row, col } }];

test('bodies and what stands behind `else` are branches; a rule that always holds and a default are none', () => {
  const last = rule('level', 7, { body: at(7, 3), location: { row: 7, col: 3 } });
  const middle = rule('level', 5, { body: at(6, 2), else: last });
  const rules = [
    rule('level', 3, { body: at(4, 2), else: middle }),
    rule('deny', 9, { body: [...at(10, 2), ...at(11, 2)] }),
    rule('always', 13, { body: at(13, 1) }),
    rule('allow', 14, { body: at(14, 1), default: true }),
    rule('allow', 15, { body: at(15, 12) }),
  ];
  expect(branchesOf({ package: PACKAGE, rules })).toEqual([
    { rule: 'level', isElse: false, line: 4, column: 2 },
    { rule: 'level', isElse: true, line: 6, column: 2 },
    { rule: 'level', isElse: true, line: 7, column: 3 },
    { rule: 'deny', isElse: false, line: 10, column: 2 },
    { rule: 'allow', isElse: false, line: 15, column: 12 },
  ]);
});
