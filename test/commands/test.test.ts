import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../docs/fenced-blocks.ts';
import { ShellLab } from '../docs/shell-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

const REFUTED = join(ROOT, 'test/golden/validate/HG5201-refuted/tree');

const CASES = `apiVersion: headgate.dev/v1
kind: Test
metadata: { name: chat }
spec:
  cases:
    - name: own servers come first
      principal: { team: red }
      request: { model: gpt-small }
      expect: { offer: chat-small/own }
    - name: gold is for the cloud
      principal: { team: red }
      request: { model: gpt-small, headers: { x-tier: gold } }
      expect: { offer: chat-small/cloud }
`;

const POLICY = 'package a\n\ndeny contains {"code": "no"} if input.stage == "request"\n';
const POLICY_TEST = `package a_test

import data.a

test_holds if a.deny == {{"code": "no"}} with input as {"stage": "request"}

test_fails if a.deny == {{"code": "no"}} with input as {"stage": "response"}

todo_test_later if false
`;

const GOOD_ROUTES = `apiVersion: headgate.dev/v1
kind: Route
metadata: { name: chat }
spec:
  match: { models: [ chat-small ], teams: [ "*" ] }
  require: { regions: [ eu ] }
  targets: [ { offers: [ own ], until: { wait: 2s } }, { offers: [ corp ] } ]
---
apiVersion: headgate.dev/v1
kind: Guardrail
metadata: { name: secrets }
spec: { package: a, stages: [ request ], detectors: [ secrets, card ] }
`;

const GOOD_POLICY = `package a

deny contains {"code": "secret-found"} if {
	some finding in input.findings
	finding.kind == "secret"
}

deny contains {"code": "card-found"} if {
	some finding in input.findings
	finding.kind == "card"
}
`;

const GOOD_POLICY_TEST = `package a_test

import data.a

test_card if a.deny == {{"code": "card-found"}} with input as {"findings": [{"kind": "card"}]}
`;

const GOOD_CASES = `apiVersion: headgate.dev/v1
kind: Test
metadata: { name: chat }
spec:
  cases:
    - name: own servers come first
      principal: { team: red }
      request: { model: gpt-small }
      expect: { offer: chat-small/own }
    - name: no credential
      principal: { team: red }
      request: { model: gpt-small, messages: [ { role: user, content: "{{sample github-token}}" } ] }
      expect: { denied: secret-found }
    - name: nothing passes unjudged
      principal: { team: red }
      request: { model: gpt-small }
      guardrails: { secrets: fail }
      expect: { denied: policy-failed }
  prove:
    - name: all stay in the eu
      for: {}
      never: { offer: { region: { not: eu } } }
`;

describeWithTool('opa', 'headgate test', (opa) => {
  let lab: ShellLab;

  beforeAll(() => {
    lab = new ShellLab([opa]);
    for (const file of ['catalog.yaml', 'routes/chat.yaml', 'tests.yaml']) {
      const text = readFileSync(join(REFUTED, file), 'utf8');
      lab.write(`tree/${file}`, text);
      lab.write(`spy/${file}`, text);
    }
    lab.write('tree/cases.yaml', CASES);
    lab.write('tree/policies/a.rego', POLICY);
    lab.write('tree/policies/a_test.rego', POLICY_TEST);
    lab.write('spy/policies/a_test.rego', 'package a_test\n\ntest_a if opa.runtime().env.HOME != ""\n');
    lab.write('broken/a.yaml', 'a: [ 1\n');
    lab.write('good/catalog.yaml', readFileSync(join(REFUTED, 'catalog.yaml'), 'utf8'));
    lab.write('good/routes.yaml', GOOD_ROUTES);
    lab.write('good/cases.yaml', GOOD_CASES);
    lab.write('good/a.rego', GOOD_POLICY);
    lab.write('good/a_test.rego', GOOD_POLICY_TEST);
  });
  afterAll(() => lab.close());

  test('says what holds and what does not, each at its place', async () => {
    const { status, stdout, stderr } = await lab.run('headgate test tree');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toBe(
      [
        'ok    cases.yaml:6:13  chat/own servers come first',
        'FAIL  cases.yaml:10:13  chat/gold is for the cloud',
        '      expected offer: chat-small/cloud, and the decision is offer: chat-small/own',
        'ok    policies/a_test.rego:5:1  a_test.test_holds',
        'FAIL  policies/a_test.rego:7:1  a_test.test_fails',
        '      the rule is not true',
        'skip  policies/a_test.rego:9:1  a_test.todo_test_later',
        'FAIL  tests.yaml:6:13  residency/eu teams stay in the eu',
        '      the rule "residency/eu teams stay in the eu" does not hold: a request of team "red" for "chat-small" reaches chat-small/cloud (region us), when chat-small/own and chat-small/corp fail',
        '      tier 2 of the route "chat" holds it: routes/chat.yaml:8:7',
        '      the offer is here: catalog.yaml:26:15',
        '      fix: give these requests a Route of their own with `require: { regions: [ eu ] }`',
        'FAIL  tests.yaml:9:13  residency/nobody is served by the cloud for nothing',
        '      the rule "residency/nobody is served by the cloud for nothing" does not hold: a request of team "blue" for "chat-small" reaches chat-small/cloud (retention 30d, provider cloud), when chat-small/own and chat-small/corp fail',
        '      tier 2 of the route "chat" holds it: routes/chat.yaml:8:7',
        '      the offer is here: catalog.yaml:26:15',
        '      fix: give these requests a Route of their own with `require: { retention: zero }`',
        'ok    tests.yaml:12:13  residency/strangers are not served',
        '',
        '3 passed, 4 failed, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  test('--run takes those whose name matches, of all kinds', async () => {
    const { status, stdout } = await lab.run('headgate test --run "own|test_holds|strangers" tree');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: [
        'ok    cases.yaml:6:13  chat/own servers come first',
        'ok    policies/a_test.rego:5:1  a_test.test_holds',
        'ok    tests.yaml:12:13  residency/strangers are not served',
        '',
        '3 passed, 0 failed',
        '',
      ].join('\n'),
    });
  });

  test('--format junit and json', async () => {
    const junit = await lab.run('headgate test --format junit --run "gold|a_test" tree');
    expect({ status: junit.status, stdout: junit.stdout }).toEqual({
      status: 1,
      stdout: [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="headgate test" tests="4" failures="2" errors="0" skipped="1">',
        '  <testsuite name="cases.yaml" tests="1" failures="1" errors="0" skipped="0">',
        '    <testcase classname="cases.yaml" name="chat/gold is for the cloud"><failure type="case" message="expected offer: chat-small/cloud, and the decision is offer: chat-small/own">cases.yaml:10:13',
        'expected offer: chat-small/cloud, and the decision is offer: chat-small/own</failure></testcase>',
        '  </testsuite>',
        '  <testsuite name="policies/a_test.rego" tests="3" failures="1" errors="0" skipped="1">',
        '    <testcase classname="policies/a_test.rego" name="a_test.test_holds"/>',
        '    <testcase classname="policies/a_test.rego" name="a_test.test_fails"><failure type="rego" message="the rule is not true">policies/a_test.rego:7:1',
        'the rule is not true</failure></testcase>',
        '    <testcase classname="policies/a_test.rego" name="a_test.todo_test_later"><skipped/></testcase>',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    });
    const json = await lab.run('headgate test --format json --run own tree');
    expect(JSON.parse(json.stdout)).toEqual({
      counts: { passed: 1, failed: 0, skipped: 0 },
      tests: [
        {
          kind: 'case',
          name: 'chat/own servers come first',
          place: { file: 'cases.yaml', line: 6, column: 13 },
          outcome: 'passed',
          details: [],
        },
      ],
    });
  });

  test('--coverage says what no test reaches, --mutate which mistakes none notices', async () => {
    const { status, stdout } = await lab.run('headgate test --coverage --mutate good');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(5)).toEqual([
      '',
      '5 passed, 0 failed',
      '',
      'coverage: 68.8 % (11 of 16)',
      '  not reached: routes.yaml:7:56  tier chat, tier 2',
      '  not reached: catalog.yaml:25:15  offer chat-small/corp',
      '  not reached: catalog.yaml:26:15  offer chat-small/cloud',
      '  not reached: a.rego:8:1  rule secrets: deny card-found',
      '  not reached: a.rego:3:1  a line that no unit test reaches',
      '',
      'mistakes that a test notices: 72.7 % (8 of 11)',
      '  not noticed: routes.yaml:3:19  route "chat": require.regions dropped',
      '  not noticed: routes.yaml:7:14  route "chat": tier 1: until dropped',
      '  not noticed: routes.yaml:11:19  guardrail "secrets": detector "card" dropped',
      '',
    ]);
  });

  test('--threshold is the least of both', async () => {
    expect((await lab.run('headgate test --coverage --threshold 10 good')).status).toBe(0);
    expect((await lab.run('headgate test --coverage --threshold 99.5 good')).status).toBe(1);
    expect((await lab.run('headgate test --coverage --threshold 101 good')).status).toBe(2);
    expect((await lab.run('headgate test --coverage --run a good')).status).toBe(2);
  });

  test('a junit report holds both, and fails where they are too little', async () => {
    const { status, stdout } = await lab.run('headgate test --coverage --mutate --threshold 70 --format junit good');
    const [head = '', ...suites] = stdout.split('  <testsuite name="');
    expect({ status, head: head.split('\n')[1] }).toEqual({
      status: 1,
      head: '<testsuites name="headgate test" tests="7" failures="1" errors="0" skipped="0">',
    });
    expect(suites.slice(-2).flatMap((suite) => suite.split('\n'))).toEqual([
      'coverage" tests="1" failures="1" errors="0" skipped="0">',
      '    <properties>',
      '      <property name="coverage.percent" value="68.8"/>',
      '      <property name="coverage.done" value="11"/>',
      '      <property name="coverage.total" value="16"/>',
      '    </properties>',
      '    <testcase classname="coverage" name="at least 70 %"><failure type="coverage" message="68.8 % is less than 70 %">routes.yaml:7:56 tier chat, tier 2',
      'catalog.yaml:25:15 offer chat-small/corp',
      'catalog.yaml:26:15 offer chat-small/cloud',
      'a.rego:8:1 rule secrets: deny card-found',
      'a.rego:3:1 a line that no unit test reaches</failure></testcase>',
      '  </testsuite>',
      '',
      'mutants" tests="1" failures="0" errors="0" skipped="0">',
      '    <properties>',
      '      <property name="mutants.percent" value="72.7"/>',
      '      <property name="mutants.done" value="8"/>',
      '      <property name="mutants.total" value="11"/>',
      '    </properties>',
      '    <testcase classname="mutants" name="at least 70 %"><system-out>routes.yaml:3:19 route &quot;chat&quot;: require.regions dropped',
      'routes.yaml:7:14 route &quot;chat&quot;: tier 1: until dropped',
      'routes.yaml:11:19 guardrail &quot;secrets&quot;: detector &quot;card&quot; dropped</system-out></testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  test("a stranger's test sees nothing of the machine", async () => {
    const { status, stderr } = await lab.run('headgate test spy');
    expect(status).toBe(1);
    expect(stderr).toContain('error[HG4006]: undefined function opa.runtime\n --> policies/a_test.rego:3:11\n');
  });

  test('a tree with mistakes is not tested', async () => {
    const { status, stdout, stderr } = await lab.run('headgate test broken');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('error[HG1001]');
  });

  test('what is no regular expression is a mistake of the command line', async () => {
    const { status, stderr } = await lab.run('headgate test --run "(" tree');
    expect(status).toBe(2);
    expect(stderr).toContain('not a regular expression (RE2).');
  });
});
