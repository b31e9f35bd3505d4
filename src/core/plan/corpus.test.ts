import { expect, test } from 'vitest';
import { decideRequest } from '../../../test/support/decision-lab.ts';
import { fixtureRevision, policyResult } from '../../../test/support/revision-fixture.ts';
import { corpusLineOf, readCorpus } from './corpus.ts';

const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
const evaluate = policyResult({
  g: {
    deny: [{ code: 'a', message: 'the text of a policy', shadow: true }],
    warn: [],
    redact: [{ ptr: '/messages/0/content', start: 0, end: 2 }],
    route: [{ forbid: { offers: [], upstreams: [], regions: ['us'] } }],
  },
});
const { record } = decideRequest(fixtureRevision({ documents: [GUARDRAIL], evaluate }), {
  body: { stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'the text of a prompt' }] },
  headers: new Map([['headgate-session', 'the name of a session']]),
});
const line = corpusLineOf(record);

test('a line holds facts, and not one word of a prompt, a policy or a session', () => {
  expect(line).toEqual({
    v: 1,
    id: 'dec-1',
    timeMs: 0,
    seed: 1,
    digest: record.digest,
    principal: { team: 'red', key: 'red-key' },
    request: {
      path: '/v1/chat/completions',
      model: 'small',
      stream: true,
      promptTokens: 9,
      outputTokensMax: 9,
      needs: ['streaming'],
      session: record.request.session,
      bodyBytes: record.request.bodyBytes,
    },
    candidates: record.candidates,
    judged: [
      {
        guardrail: 'g',
        policy: record.judged?.[0]?.policy,
        deny: [{ code: 'a', shadow: true }],
        redacted: { spans: 1, shadow: 0 },
        forbid: [{ offers: [], upstreams: [], regions: ['us'], shadow: false }],
      },
    ],
    decided: { route: 'chat', offer: 'small/own' },
  });
  expect(JSON.stringify(line)).not.toContain('the ');
});

test('a line is read as it was written', () => {
  const text = JSON.stringify(line);
  expect(readCorpus(`${text}\n\n${text}\n`)).toEqual({ ok: true, value: [line, line] });
});

test.each<[what: string, text: string, number: number, message: string]>([
  ['no JSON', 'what', 2, 'the line is not JSON'],
  ['another version', JSON.stringify({ ...line, v: 2 }), 2, 'v: Invalid input: expected 1'],
  ['an unknown member', JSON.stringify({ ...line, prompt: 'x' }), 2, ': Unrecognized key: "prompt"'],
  ['a long line', ' "'.padEnd(300_000, 'x'), 2, 'the line is longer than 262144 characters'],
])('%s is told with its line', (_what, text, number, message) => {
  expect(readCorpus(`${JSON.stringify(line)}\n${text}`)).toEqual({ ok: false, error: { line: number, message } });
});
