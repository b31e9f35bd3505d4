import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, present } from '../src/core/base/assert.ts';
import { sample } from '../src/core/policy/detectors/samples.ts';
import { inputNeeds, type PolicySubject } from '../src/core/policy/input.ts';
import { type JudgingGuardrail, judge } from '../src/core/policy/judge.ts';
import { mergeVerdict } from '../src/core/policy/verdict.ts';
import { compilePolicies } from '../src/io/opa/compile-policies.ts';
import { requiredTool } from '../src/io/tools/find-tool.ts';
import { instrumentFuel } from '../src/io/wasm/fuel.ts';
import { loadPolicy } from '../src/io/wasm/load-policy.ts';
import type { Run } from './bench.ts';
import type { Figure } from './figure.ts';

const PROMPT_CHARS = 2_048;
const ROUNDS = 7;
const CALLS_PER_ROUND = 10_000;

/** A policy that reads the text itself, beside the built-in one that reads findings only. */
const READS_TEXT = `package reads_text

deny contains {"code": "word"} if {
	some message in input.messages
	some part in message.parts
	contains(lower(part.text), "forbidden word")
}
`;

/** Processor time that the policies of one request cost: detectors, input document, evaluation and merge. */
export const run: Run = async (say) => {
  say('compiling the policies');
  const { evaluate, guardrail } = await compiled();
  const prose = 'It asks about the weather on 12 March 2026, at 10:30, in a well-known town. '.repeat(40);
  const clean = subjectOf(prose.slice(0, PROMPT_CHARS));
  const found = subjectOf(`${prose.slice(0, PROMPT_CHARS - 21)} ${sample('aws-access-key')}`);
  const cases: readonly (readonly [
    what: string,
    subject: PolicySubject,
    guardrail: JudgingGuardrail,
    below: number,
  ])[] = [
    ['a 2 KB prompt without a finding, headgate.secrets', clean, guardrail('secrets'), 60],
    ['a 2 KB prompt with a finding, headgate.secrets', found, guardrail('secrets'), 100],
    ['a 2 KB prompt, a policy that reads the text', clean, guardrail('reads-text'), 100],
  ];
  const figures = cases.map(([what, subject, asked, below]): Figure => {
    say(what);
    const call = () => mergeVerdict(judge(subject, [asked], evaluate, 0));
    return { what, value: medianMicroseconds(call), unit: 'us', goal: { below } };
  });
  return { figures };
};

async function compiled() {
  const builtin = join(import.meta.dirname, '../policies/secrets/secrets.rego');
  const compilation = await compilePolicies({
    opaPath: requiredTool('opa'),
    timeoutMs: 60_000,
    modules: [{ path: 'reads_text.rego', text: READS_TEXT }],
    builtinModules: [{ path: 'secrets.rego', text: readFileSync(builtin, 'utf8') }],
    bindings: [
      { guardrail: 'secrets', package: 'headgate.secrets' },
      { guardrail: 'reads-text', package: 'reads_text' },
    ],
  });
  assert(compilation.ok, 'the policies of the bench compile');
  const { wasm, guardrails } = compilation.value;
  const { evaluate } = await loadPolicy(instrumentFuel(present(wasm, 'the module of bound guardrails')));
  const guardrail = (name: string): JudgingGuardrail => {
    const needs = inputNeeds(present(guardrails.get(name), 'a bound guardrail').reads);
    return { name, detectors: ['secrets'], mode: 'enforce', onError: 'deny', needs };
  };
  return { evaluate, guardrail };
}

function subjectOf(text: string): PolicySubject {
  return {
    stage: 'request',
    api: 'openai-chat',
    model: { requested: 'chat-small', candidates: ['chat-small'] },
    stream: false,
    params: {},
    principal: { team: 'red', labels: {} },
    http: { method: 'POST', path: '/v1/chat/completions', headers: {} },
    texts: [{ ptr: '/messages/0/content', role: 'user', message: 0, text }],
    ctx: { route: 'chat', commit: '0'.repeat(40) },
  };
}

function medianMicroseconds(call: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < CALLS_PER_ROUND; index += 1) call();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / CALLS_PER_ROUND);
  }
  return rounds.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}
