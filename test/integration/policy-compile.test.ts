import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { digestOfJson, digestOfText } from '../../src/core/base/digest.ts';
import { compilePolicies } from '../../src/io/opa/compile-policies.ts';
import { OpaFailure } from '../../src/io/opa/opa-process.ts';
import type { PolicyDiagnosticKind } from '../../src/io/opa/policy-diagnostic.ts';
import { describeWithTool } from '../support/require-tool.ts';

describeWithTool('opa', 'compiling policies', (opaPath) => {
  const call = { opaPath, timeoutMs: 30_000, builtinModules: [], bindings: [] };

  function compileText(text: string) {
    return compilePolicies({ ...call, modules: [{ path: 'policies/a.rego', text }] });
  }

  test('a policy is compiled with what it reads, its rules and their codes', async () => {
    const secrets = [
      'package guardrails.secrets',
      'import data.lib.people as people',
      'deny contains {"code": "secret-found", "message": m} if {',
      '\tsome finding in input.findings',
      '\tm := sprintf("%s", [finding.rule])',
      '}',
      'deny contains decision if {',
      '\tpeople.known',
      '\tdecision := {"code": "known", "message": "known"}',
      '}',
      'route contains {"forbid": {"regions": ["us"]}} if input["stage"] == "request"',
    ];
    const people = ['package lib.people', 'known if input.messages[_].role == "user"', 'unused if data.other.x'];
    const other = ['package other', 'x if input.principal.team == "red"', 'y if input.http.headers[_] == "1"'];
    const digestOf = (...texts: string[][]) =>
      digestOfJson(texts.map((lines) => digestOfText(`${lines.join('\n')}\n`)).sort());
    const compiled = await compilePolicies({
      ...call,
      modules: [
        { path: 'policies/secrets.rego', text: `${secrets.join('\n')}\n` },
        { path: 'policies/../people.rego', text: `${people.join('\n')}\n` },
        { path: 'policies/other.rego', text: `${other.join('\n')}\n` },
        { path: 'policies/secrets_test.rego', text: 'not Rego at all' },
      ],
      bindings: [
        { guardrail: 'no-secrets', package: 'guardrails.secrets' },
        { guardrail: 'nobody', package: 'guardrails.missing' },
      ],
    });
    const reads = [['findings'], ['http', 'headers', '*'], ['messages', '*', 'role'], ['principal', 'team'], ['stage']];
    const rule = { path: 'policies/secrets.rego' };
    expect(compiled).toEqual({
      ok: true,
      value: {
        wasm: expect.any(Uint8Array),
        guardrails: new Map([
          ['no-secrets', { package: 'guardrails.secrets', rules: new Set(['deny', 'route']), reads }],
        ]),
        packages: new Map([
          [
            'guardrails.secrets',
            {
              path: ['guardrails', 'secrets'],
              isBuiltin: false,
              rules: [
                { ...rule, name: 'deny', line: 3, codes: ['secret-found'] },
                { ...rule, name: 'deny', line: 7, codes: ['known'] },
                { ...rule, name: 'route', line: 11, codes: [] },
              ],
              reads,
              digest: digestOf(secrets, people, other),
            },
          ],
          [
            'lib.people',
            {
              path: ['lib', 'people'],
              isBuiltin: false,
              rules: [],
              reads: reads.slice(1, 4),
              digest: digestOf(people, other),
            },
          ],
          [
            'other',
            { path: ['other'], isBuiltin: false, rules: [], reads: [reads[1], reads[3]], digest: digestOf(other) },
          ],
        ]),
      },
    });
  });

  test('the same policies give the same bytes', async () => {
    const modules = [{ path: 'a.rego', text: 'package a\ndeny contains {"code": "x"} if input.findings[_]\n' }];
    const bindings = [{ guardrail: 'a', package: 'a' }];
    const [first, second] = await Promise.all([1, 2].map(() => compilePolicies({ ...call, modules, bindings })));
    expect(first).toEqual(second);
  });

  test('no guardrail, no module', async () => {
    const compiled = await compilePolicies({ ...call, modules: [] });
    expect(compiled).toEqual({ ok: true, value: { wasm: undefined, guardrails: new Map(), packages: new Map() } });
  });

  const RESERVED = (name: string) =>
    `the package ${name} is reserved; packages here may not begin with ${name.split('.')[0]}`;

  test.each<[what: string, text: string, kind: PolicyDiagnosticKind, line: number, column: number, message: string]>([
    ['syntax', 'package a\ndeny contains x if {\n', 'rego-parse', 3, 1, 'unexpected eof token'],
    ['an unsafe variable', 'package a\n\ny if x == 1\n', 'rego-unsafe-var', 3, 6, 'var x is unsafe'],
    ['recursion', 'package a\nx if x\n', 'rego-recursion', 2, 1, 'rule data.a.x is recursive: data.a.x -> data.a.x'],
    ['an unused import, strictly', 'package a\nimport input.x\n', 'rego-compile', 2, 1, 'import input.x unused'],
    ['the network', 'package a\nx := http.send({})\n', 'builtin-unsupported', 2, 6, 'undefined function http.send'],
    ['chance', 'package a\nx := rand.intn("a", 2)\n', 'builtin-unsupported', 2, 6, 'undefined function rand.intn'],
    ['a missing function of ours', 'package a\nx := data.b.f(1)\n', 'rego-type', 2, 6, 'undefined function data.b.f'],
    ['old Rego', 'package a\nx { input.y }\n', 'rego-parse', 2, 1, '`if` keyword is required before rule body'],
    ['our name space', 'package headgate.secrets\n', 'package-reserved', 1, 1, RESERVED('headgate.secrets')],
    ['our entry point', 'package headgate_main\n', 'package-reserved', 1, 1, RESERVED('headgate_main')],
    ['the name space of OPA', 'package system.log\n', 'package-reserved', 1, 1, RESERVED('system.log')],
    [
      'a name that needs quotes',
      'package a["b.c"]\n',
      'package-name',
      1,
      1,
      'the package has a part "b.c"; letters, digits and _ only',
    ],
    [
      'a bare point',
      'package a\nx := .5\n',
      'rego-parse',
      1,
      1,
      'a number needs a digit before its point: 0.5, not .5',
    ],
    ['a mistyped input', 'package a\nx if input.mesages\n', 'rego-type', 2, 6, 'undefined ref: input.mesages'],
    [
      'a decision that is not built yet',
      'package a\n\nlimit contains {"max_tokens": 5}\n',
      'rule-unbuilt',
      3,
      1,
      'decisions of the kind limit are not supported yet; give a rule of your own another name',
    ],
    [
      'a decision that is no set',
      'package a\ndeny := true\n',
      'rule-form',
      2,
      1,
      'deny must be a set of decisions: write `deny contains {...} if ...`',
    ],
  ])('%s is a diagnostic', async (_what, text, ...expected) => {
    const [kind, line, column, message] = expected;
    expect(await compileText(text)).toEqual({
      ok: false,
      error: [{ kind, path: 'policies/a.rego', line, column, message }],
    });
  });

  test('packages below headgate may come from us', async () => {
    const builtinModules = [{ path: 'builtin/x.rego', text: 'package headgate.x\ndeny contains {"code": "x"}\n' }];
    const bindings = [{ guardrail: 'x', package: 'headgate.x' }];
    const compiled = await compilePolicies({ ...call, modules: [], builtinModules, bindings });
    expect(compiled.ok && compiled.value.guardrails.get('x')?.package).toBe('headgate.x');
  });

  test('a print is allowed and takes no part', async () => {
    const text = 'package a\ndeny contains {"code": "x"} if print("x")\n';
    const bindings = [{ guardrail: 'a', package: 'a' }];
    const compiled = await compilePolicies({ ...call, modules: [{ path: 'a.rego', text }], bindings });
    expect(compiled.ok).toBe(true);
  });

  test('a missing opa and a passed deadline are failures, and leave no folder behind', async () => {
    const own = mkdtempSync(join(tmpdir(), 'headgate-compile-test-'));
    vi.stubEnv('TMPDIR', own);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(own, { recursive: true });
    });
    await expect(compilePolicies({ ...call, opaPath: '/nowhere/opa', modules: [] })).rejects.toThrow(OpaFailure);
    await expect(compilePolicies({ ...call, timeoutMs: 1, modules: [] })).rejects.toMatchObject({
      code: 'opa-deadline',
    });
    await expect(compilePolicies({ ...call, signal: AbortSignal.abort(), modules: [] })).rejects.toMatchObject({
      code: 'opa-deadline',
    });
    expect(readdirSync(own)).toEqual([]);
  });
});
