import { describe, expect, test } from 'vitest';
import { FIRST, outcomeOf } from '../../../test/support/answer-lab.ts';
import {
  answerHeaders,
  type ExchangeLab,
  exchangeLab,
  requestBody,
  requestHeaders,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';
import { sample } from '../policy/detectors/samples.ts';
import type { EvaluatePolicy } from '../policy/policy-port.ts';
import { headerList } from './header-list.ts';
import type { HeadersReply, ImmediateReply, ProcessingReply } from './messages.ts';

const SECRET = sample('aws-access-key', 3) ?? '';
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ response ], detectors: [ secrets, email ] }';

/** Denies credentials, and takes addresses out. */
const evaluate: EvaluatePolicy = (input) => {
  const { findings = [] } = JSON.parse(input) as {
    findings?: { detector: string; ptr: string; start: number; end: number }[];
  };
  const deny = findings.some(({ detector }) => detector === 'secrets') ? [{ code: 'secret-found' }] : [];
  const redact = findings
    .filter(({ detector }) => detector === 'email')
    .map(({ ptr, start, end }) => ({ ptr, start, end, with: '[email]' }));
  return { kind: 'result', value: { g: { deny, redact } }, fuelUsed: 0, builtinErrors: [] };
};

const watched = fixtureRevision({ documents: [GUARDRAIL], evaluate });
const unwatched = fixtureRevision({});

/** A request up to the headers of its answer. */
function answered(
  status: number,
  headers: Readonly<Record<string, string>>,
  options: { readonly loaded?: typeof watched; readonly request?: object } = {},
): { readonly lab: ExchangeLab; readonly reply: ProcessingReply | undefined } {
  const lab = exchangeLab(options.loaded ?? watched);
  lab.send(requestHeaders());
  lab.send(requestBody({ ...options.request }));
  const list = headerList([[':status', String(status)], ...Object.entries(headers)]);
  const [reply] = lab.send({ ...answerHeaders(status, 1, FIRST), headers: list } as ReturnType<typeof answerHeaders>);
  return { lab, reply };
}

const bodyOf = (text: string) =>
  ({
    kind: 'response-body',
    body: new TextEncoder().encode(text),
    endOfStream: true,
    attributes: {},
    metadata: { untyped: {} },
  }) as const;

/** The status and the code that the client gets in place of the answer. */
function replacementOf(reply: ProcessingReply | undefined): unknown {
  const { kind, status, body } = reply as ImmediateReply;
  return [kind, status, (JSON.parse(body) as { error: { code: string } }).error.code];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream' };

describe('a compressed answer', () => {
  test.each<[string, Readonly<Record<string, string>>, object]>([
    ['plain', { ...JSON_TYPE, 'content-encoding': 'gzip' }, {}],
    ['streamed', { ...STREAM_TYPE, 'content-encoding': 'gzip' }, { stream: true }],
    ['in another way', { ...STREAM_TYPE, 'content-encoding': 'br' }, { stream: true }],
    ['in two ways', { ...STREAM_TYPE, 'content-encoding': 'identity, Zstd' }, { stream: true }],
  ])('is blocked before a byte of it is seen: %s', (_what, headers, request) => {
    const { lab, reply } = answered(200, headers, { request });
    expect(replacementOf(reply)).toEqual(['immediate', 403, 'answer-unjudged']);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'blocked', status: 403, upstreamStatus: 200 });
  });

  test('that is an error keeps its status', () => {
    const { lab, reply } = answered(500, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect(replacementOf(reply)).toEqual(['immediate', 500, 'answer-unjudged']);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'failed', status: 500 });
  });

  test.each<[string, Readonly<Record<string, string>>, typeof watched]>([
    ['identity is none', { ...JSON_TYPE, 'content-encoding': 'Identity' }, watched],
    ['nor is an empty one', { ...JSON_TYPE, 'content-encoding': '' }, watched],
    ['without a guardrail it passes', { ...JSON_TYPE, 'content-encoding': 'gzip' }, unwatched],
  ])('%s', (_what, headers, loaded) => {
    expect((answered(200, headers, { loaded }).reply as HeadersReply).kind).toBe('response-headers');
  });
});

test('an answer that is too deep to be read is blocked', () => {
  const { lab } = answered(200, JSON_TYPE);
  const content = `${'['.repeat(20)}"${SECRET}"${']'.repeat(20)}`;
  const [reply] = lab.send(bodyOf(`{"choices":[{"message":{"content":${content}}}]}`));
  expect(replacementOf(reply)).toEqual(['immediate', 403, 'answer-unjudged']);
});

describe('an error of an upstream', () => {
  test.each<[string, string]>([
    ['of the API', '{"error":{"message":"the context is too long","type":"invalid_request_error","code":400}}'],
    ['of another form', '{"object":"error","detail":[{"loc":["body",1.50],"msg":"no"}]}'],
  ])('passes byte for byte where the policies let it: %s', (_what, body) => {
    const { lab } = answered(400, JSON_TYPE);
    expect(lab.send(bodyOf(body))).toEqual([{ kind: 'response-body' }]);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'answered', status: 400 });
  });

  test.each<[string, string]>([
    ['in its message', `{"error":{"message":"bad input: ${SECRET}"}}`],
    ['in a member that no API describes', `{"detail":[{"input":{"content":"${SECRET}"}}]}`],
    ['in what looks like an answer', `{"choices":[{"message":{"content":"${SECRET}"}}]}`],
  ])('that quotes a credential is blocked: %s', (_what, body) => {
    const { lab } = answered(400, JSON_TYPE);
    expect(replacementOf(lab.send(bodyOf(body))[0])).toEqual(['immediate', 403, 'secret-found']);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'blocked', status: 403, upstreamStatus: 400 });
  });

  test('is redacted like an answer, and its numbers stay as they are', () => {
    const { lab } = answered(422, JSON_TYPE);
    const replies = lab.send(bodyOf('{"detail":[{"loc":[1.50],"input":"write to a.person@mail.example now"}]}'));
    const after = '{"detail":[{"loc":[1.50],"input":"write to [email] now"}]}';
    expect(replies).toEqual([
      {
        kind: 'response-body',
        setHeaders: [['content-length', String(after.length)]],
        body: { kind: 'replace', bytes: new TextEncoder().encode(after) },
      },
    ]);
  });

  test.each<[string, number, string, Readonly<Record<string, string>>, string]>([
    ['a page', 502, 'failed', { 'content-type': 'text/html' }, `<p>${SECRET}</p>`],
    ['a text', 400, 'answered', { 'content-type': 'text/plain' }, SECRET],
    ['JSON that is no object', 429, 'failed', JSON_TYPE, `"${SECRET}"`],
    ['a stream', 500, 'failed', STREAM_TYPE, `data: {"error":"${SECRET}"}\n\n`],
    [
      'an object deeper than anybody reads',
      400,
      'answered',
      JSON_TYPE,
      `{"a":${'['.repeat(20)}"${SECRET}"${']'.repeat(20)}}`,
    ],
    ['nothing at all', 404, 'answered', JSON_TYPE, ''],
  ])('that cannot be judged is replaced, and keeps its status: %s', (_what, status, kind, headers, body) => {
    const { lab } = answered(status, headers);
    const [reply] = lab.send(bodyOf(body));
    expect(replacementOf(reply)).toEqual(['immediate', status, 'answer-unjudged']);
    expect(JSON.stringify(reply)).not.toContain(SECRET);
    expect(outcomeOf(lab)).toMatchObject({ kind, status });
  });

  test('is replaced whole where the judge fails', () => {
    const failing = fixtureRevision({
      documents: [GUARDRAIL],
      evaluate: () => ({ kind: 'failed', reason: 'fuel', message: 'too many steps' }),
    });
    const { lab } = answered(400, JSON_TYPE, { loaded: failing });
    const [reply] = lab.send(bodyOf('{"error":{"message":"no"}}'));
    expect(replacementOf(reply)).toEqual(['immediate', 403, 'policy-failed']);
  });
});
