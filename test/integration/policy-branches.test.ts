import { expect, test } from 'vitest';
import { testPolicies } from '../../src/io/opa/test-policies.ts';
import { describeWithTool } from '../support/require-tool.ts';

const POLICY = `package p

level := "high" if {
	input.a > 10
} else := "mid" if {
	input.a > 5
} else := "low"

deny contains "one" if {
	input.b
	input.c
}

deny contains "two" if input.d == 1

default allow := false
allow if { input.f; input.g }
`;

const TESTS = `package p_test
import data.p
test_high if p.level == "high" with input as {"a": 11}
test_mid if p.level == "mid" with input as {"a": 6}
test_nothing if count(p.deny) == 0 with input as {"b": true, "c": false}
`;

describeWithTool('opa', 'the branches of a policy', (opaPath) => {
  test('are those that a unit test goes into, whatever comes of them, and the others', async () => {
    const run = await testPolicies({
      ...{ opaPath, timeoutMs: 60_000, builtinModules: [] },
      modules: [{ path: 'p.rego', text: POLICY }],
      testModules: [{ path: 'p_test.rego', text: TESTS }],
    });
    const files = run.ok ? run.value.coverage : [];
    expect(
      files.map(({ path, enteredBranches, missedBranches }) => ({ path, enteredBranches, missedBranches })),
    ).toEqual([
      {
        path: 'p.rego',
        enteredBranches: 3,
        missedBranches: [
          { rule: 'level', isElse: true, line: 7, column: 3 },
          { rule: 'deny', isElse: false, line: 14, column: 24 },
          { rule: 'allow', isElse: false, line: 17, column: 12 },
        ],
      },
    ]);
  });
});
