import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sample } from '../../src/core/policy/detectors/samples.ts';
import { inputNeeds, type PolicySubject } from '../../src/core/policy/input.ts';
import { type JudgingGuardrail, judge } from '../../src/core/policy/judge.ts';
import { mergeVerdict } from '../../src/core/policy/verdict.ts';
import { compilePolicies } from '../../src/io/opa/compile-policies.ts';
import { instrumentFuel } from '../../src/io/wasm/fuel.ts';
import { loadPolicy } from '../../src/io/wasm/load-policy.ts';
import { describeWithTool } from '../support/require-tool.ts';

const ROOT = join(import.meta.dirname, '../../policies');
const FOLDERS = readdirSync(ROOT).sort();

const SUBJECT: Omit<PolicySubject, 'texts'> = {
  stage: 'request',
  api: 'openai-chat',
  model: { requested: 'm', candidates: ['m'] },
  stream: false,
  params: {},
  principal: { team: 'red', labels: {} },
  http: { method: 'POST', path: '/v1/chat/completions', headers: {} },
  ctx: { commit: 'c0ffee' },
};

describeWithTool('opa', 'the built-in policies', (opaPath) => {
  test('each is a folder with its rule, its test and its README', () => {
    expect(FOLDERS.map((name) => readdirSync(join(ROOT, name)).sort())).toEqual(
      FOLDERS.map((name) => ['README.md', `${name}.rego`, `${name}_test.rego`].sort()),
    );
  });

  test('their own tests pass', () => {
    const output = execFileSync(opaPath, ['test', '--format', 'json', ROOT], { encoding: 'utf8' });
    const results = JSON.parse(output) as { package: string; fail?: boolean }[];
    expect(results.filter((result) => result.fail === true)).toEqual([]);
    expect([...new Set(results.map((result) => result.package))].sort()).toEqual(
      FOLDERS.map((name) => `data.headgate.${name}_test`),
    );
  });

  test('they are formatted', () => {
    expect(execFileSync(opaPath, ['fmt', '--list', ROOT], { encoding: 'utf8' })).toBe('');
  });

  test('compiled together and run by our host, each decides what its README says', async () => {
    const builtinModules = FOLDERS.map((name) => ({
      path: `${name}.rego`,
      text: readFileSync(join(ROOT, name, `${name}.rego`), 'utf8'),
    }));
    const bindings = FOLDERS.map((name) => ({ guardrail: name, package: `headgate.${name}` }));
    const compiled = await compilePolicies({ opaPath, timeoutMs: 30_000, modules: [], builtinModules, bindings });
    const policies = compiled.ok ? compiled.value : undefined;
    const host = await loadPolicy(instrumentFuel(policies?.wasm ?? new Uint8Array()));
    const guardrails = FOLDERS.map((name): JudgingGuardrail => {
      const needs = inputNeeds(policies?.guardrails.get(name)?.reads ?? []);
      return { name, detectors: ['secrets', 'card'], mode: 'enforce', onError: 'deny', needs };
    });
    const text = `${sample('aws-access-key')} ${sample('card')}`;
    const texts = [{ ptr: '/messages/0/content', role: 'user', message: 0, text }];
    const { enforced } = mergeVerdict(judge({ ...SUBJECT, texts }, guardrails, host.evaluate, 0));
    expect(enforced).toEqual({
      deny: [
        { guardrail: 'card', code: 'card-found', message: 'the request holds a payment card number', severity: 'high' },
        {
          guardrail: 'secrets',
          code: 'secret-found',
          message: 'the request holds a credential (aws-access-key)',
          severity: 'high',
        },
      ],
      warn: [],
      redact: [
        { ptr: '/messages/0/content', start: 0, end: 20, with: '[secret]' },
        { ptr: '/messages/0/content', start: 21, end: 37, with: '[card]' },
      ],
      forbid: { offers: [], upstreams: [], regions: [] },
    });
  });
});
