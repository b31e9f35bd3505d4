import { expect, test } from 'vitest';
import { decideRequest, summary } from '../../../test/support/decision-lab.ts';
import { chatBody } from '../../../test/support/exchange-lab.ts';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';
import type { Finding } from '../policy/finding.ts';
import type { EvaluatePolicy } from '../policy/policy-port.ts';
import type { Decision } from './decide.ts';

const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ], detectors: [ email ] }';

/** Takes out every address. */
const redacting: EvaluatePolicy = (input) => {
  const { findings = [] } = JSON.parse(input) as { findings?: Finding[] };
  const redact = findings.map(({ ptr, start, end }) => ({ ptr, start, end, with: '#' }));
  return { kind: 'result', value: { g: { redact } }, fuelUsed: 0, builtinErrors: [] };
};

const MAIL = 'a.person@mail.example';

/** A request with this text at every kind of place. */
function requestWith(text: string): Readonly<Record<string, unknown>> {
  return {
    model: 'small',
    messages: [
      { role: 'system', content: text, name: text },
      {
        role: 'user',
        content: [
          { type: 'text', text: `é😀 ${text}` },
          { type: 'thinking', thinking: text },
        ],
      },
      { role: 'assistant', content: null, reasoning: text, function_call: { name: 'f', arguments: text } },
    ],
    tools: [{ type: 'function', function: { name: 'f', description: text, parameters: { 'a/b': { default: text } } } }],
    prediction: { type: 'content', content: `${text}\n"quoted" ${text}` },
    user: text,
    documents: [{ a: [text] }],
    stream_options: { include_usage: false },
  };
}

function sentBody(decision: Decision): unknown {
  const body = decision.kind === 'allowed' ? decision.body : undefined;
  return body === undefined ? undefined : JSON.parse(new TextDecoder().decode(body));
}

test('a redaction reaches every text of the body, wherever it stands', () => {
  const loaded = fixtureRevision({ documents: [GUARDRAIL], evaluate: redacting });
  const decision = decideRequest(loaded, { body: { ...requestWith(MAIL), stream: true } });
  expect(sentBody(decision)).toEqual({
    ...requestWith('#'),
    model: 'small-8b',
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('what nothing was found in leaves as it came, but for the name of the model', () => {
  const loaded = fixtureRevision({ documents: [GUARDRAIL], evaluate: redacting });
  const body = requestWith('nothing');
  const before = new TextDecoder().decode(chatBody(body));
  const decision = decideRequest(loaded, { body });
  const sent = decision.kind === 'allowed' && decision.body ? new TextDecoder().decode(decision.body) : '';
  expect(sent).toBe(before.replace('"small"', '"small-8b"'));
});

test('the texts of tools count as prompt', () => {
  const tools = [{ type: 'function', function: { name: 'f', description: 'x'.repeat(40_000) } }];
  expect(summary(decideRequest(fixtureRevision(), { body: { tools } }))).toBe('context-exceeded');
});

test('a prompt that fits no model of the route is refused before a policy reads it', () => {
  let evaluations = 0;
  const evaluate: EvaluatePolicy = (input, nowMs) => {
    evaluations += 1;
    return redacting(input, nowMs);
  };
  const loaded = fixtureRevision({ documents: [GUARDRAIL], evaluate });
  const ask = (tokens: number, limits: object = {}) => {
    const messages = [{ role: 'user', content: 'x'.repeat((tokens - 4) * 4) }];
    const { record, ...decision } = decideRequest(loaded, { body: { messages, ...limits } });
    return [decision.kind, record.refusal?.code, record.removed.map(({ reason }) => reason), evaluations];
  };
  const short = ['context', 'context', 'context'];
  expect(ask(10_001)).toEqual(['refused', 'context-exceeded', short, 0]);
  expect(ask(5_000, { max_tokens: 5_001 })).toEqual(['refused', 'context-exceeded', short, 0]);
  expect(ask(10_000)).toEqual(['allowed', undefined, [], 1]);
});
