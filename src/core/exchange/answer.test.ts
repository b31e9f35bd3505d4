import { describe, expect, test } from 'vitest';
import { decidedExchange, FIRST, loadOf, outcomeOf, SECOND, threeAttempts } from '../../../test/support/answer-lab.ts';
import {
  answerHeaders,
  exchangeLab,
  requestBody,
  requestHeaders,
  responseHeaders,
  responseTrailers,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision, routeDocument } from '../../../test/support/revision-fixture.ts';
import type { HeadersReply } from './messages.ts';

test('the attempts are the two cheapest engines and the provider', () => {
  const lab = decidedExchange();
  lab.end();
  expect(lab.records[0]?.attempts).toEqual([
    { offer: 'small/own', cluster: 'pool-gpus', address: FIRST },
    { offer: 'small/own', cluster: 'pool-gpus', address: SECOND },
    { offer: 'small/corp', cluster: 'hop-corp' },
  ]);
});

describe('an answer that ends with its usage', () => {
  test('leaves who served, what it cost, and how long it took', () => {
    const lab = decidedExchange();
    lab.wait(100);
    expect(lab.send(answerHeaders(200, 1, FIRST))).toEqual([
      {
        kind: 'response-headers',
        setHeaders: [
          ['headgate-decision', 'dec-1'],
          ['headgate-model', 'small'],
        ],
      },
    ]);
    lab.wait(400);
    const usage = { inputTokens: 1_000, cachedTokens: 400, outputTokens: 50, status: 'COMPLETE' } as const;
    expect(lab.send(responseTrailers(usage))).toEqual([{ kind: 'response-trailers' }]);
    expect(outcomeOf(lab)).toEqual({
      kind: 'answered',
      status: 200,
      served: { offer: 'small/own', cluster: 'pool-gpus', address: FIRST, attempt: 1 },
      usage: { inputTokens: 1_000, cachedTokens: 400, outputTokens: 50, source: 'reported' },
      costMicroUsd: 44,
      decidedMs: 5,
      headersMs: 105,
      totalMs: 505,
    });
    expect(loadOf(lab)).toEqual({ active: [], resting: [] });
  });

  test.each<[string, object, number]>([
    [
      'cached tokens are a part of the input, at their own price',
      { inputTokens: 1_000, cachedTokens: 400, outputTokens: 100 },
      180,
    ],
    ['more cached tokens than input count as all of it', { inputTokens: 100, cachedTokens: 400, outputTokens: 0 }, 7.5],
    ['an answer without output', { inputTokens: 100 }, 15],
    ['a part of a token price is not lost', { inputTokens: 1, cachedTokens: 0, outputTokens: 0 }, 0.15],
  ])('is priced by the offer that served: %s', (_what, usage, costMicroUsd) => {
    const routes = [
      routeDocument('chat', 'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ cloud ] } ]'),
    ];
    const lab = exchangeLab(fixtureRevision({ routes }));
    lab.send(requestHeaders());
    lab.send(requestBody());
    lab.send(answerHeaders(200, 1, 'envoy://providers/cloud'));
    lab.send(responseTrailers({ ...usage, status: 'COMPLETE' }));
    expect(outcomeOf(lab)).toMatchObject({ kind: 'answered', costMicroUsd });
  });
});

describe('an answer that ends without it is settled by an estimate', () => {
  test.each<[string, Parameters<typeof requestBody>[0], { headers: number; answer: number }, number]>([
    ['a stream flows after its headers', { stream: true }, { headers: 500, answer: 1_000 }, 40],
    ['a plain answer is made before them', {}, { headers: 500, answer: 1_000 }, 20],
    ['no more than the client asked for', { stream: true, max_tokens: 7 }, { headers: 1, answer: 60_000 }, 7],
    ['no more than the model can', { stream: true }, { headers: 1, answer: 600_000 }, 2_000],
    ['each choice is one answer', { stream: true, n: 3 }, { headers: 1, answer: 1_000 }, 120],
  ])('%s', (_what, body, { headers, answer }, outputTokens) => {
    const lab = decidedExchange(body);
    lab.wait(headers);
    lab.send(answerHeaders(200, 1, FIRST));
    lab.wait(answer);
    expect(outcomeOf(lab)).toMatchObject({
      kind: 'incomplete',
      status: 200,
      usage: { inputTokens: 6, cachedTokens: 0, outputTokens, source: 'estimated' },
    });
  });

  test.each<[string, Parameters<typeof responseTrailers>[0]]>([
    ['trailers without usage', undefined],
    ['usage that broke off', { inputTokens: 5, status: 'PARTIAL' }],
    ['usage that could not be read', { inputTokens: 5, outputTokens: 5, status: 'FAILED' }],
    ['usage without a count', { status: 'COMPLETE' }],
  ])('as it is after %s', (_what, usage) => {
    const lab = decidedExchange({ stream: true });
    lab.send(answerHeaders(200, 1, FIRST));
    expect(lab.send(responseTrailers(usage))).toEqual([{ kind: 'response-trailers' }]);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'incomplete', usage: { source: 'estimated' } });
  });

  test('also when the client leaves before its headers: a plain answer was being made', () => {
    const lab = decidedExchange();
    lab.wait(1_000);
    expect(outcomeOf(lab)).toEqual({
      kind: 'incomplete',
      status: 0,
      usage: { inputTokens: 6, cachedTokens: 0, outputTokens: 40, source: 'estimated' },
      costMicroUsd: 3.44,
      decidedMs: 5,
      totalMs: 1_005,
    });
    expect(loadOf(lab)).toEqual({ active: [], resting: [] });
  });
});

describe('an answer that a guardrail must watch', () => {
  const guardrail =
    'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ response ] }';
  const watched = fixtureRevision({ documents: [guardrail] });

  /** The mode of the answer's body after its headers; undefined for one that passes unseen. */
  function bodyModeOf(answer: ReturnType<typeof responseHeaders>): string | undefined {
    const lab = exchangeLab(watched);
    lab.send(requestHeaders());
    lab.send(requestBody());
    const [reply] = lab.send(answer) as readonly [HeadersReply];
    return reply.modeOverride?.responseBodyMode;
  }

  test.each<[string, ReturnType<typeof responseHeaders>, string | undefined]>([
    ['a success comes to us', answerHeaders(200, 1, FIRST), 'BUFFERED'],
    ['every success does', answerHeaders(206, 1, FIRST), 'BUFFERED'],
    ['also one of which Envoy does not say who gave it', responseHeaders(200), 'BUFFERED'],
    ['an error does: it may quote the prompt', answerHeaders(500, 1, FIRST), 'BUFFERED'],
    ['also one that the upstream gives to the request', answerHeaders(400, 1, FIRST), 'BUFFERED'],
    [
      'also one of which Envoy does not say which upstream gave it',
      responseHeaders(400, { 'response.code_details': 'via_upstream' }),
      'BUFFERED',
    ],
    [
      'an answer of Envoy passes',
      responseHeaders(503, { 'response.code_details': 'upstream_reset_before_response_started' }),
      undefined,
    ],
    ['so does one of a filter of Envoy', responseHeaders(503), undefined],
  ])('%s', (_what, answer, mode) => {
    expect(bodyModeOf(answer)).toBe(mode);
  });
});

describe('the end of the stream', () => {
  test('before its first message leaves nothing', () => {
    const lab = exchangeLab(threeAttempts);
    lab.end();
    expect(lab.records).toEqual([]);
  });

  test('while the body is awaited leaves one record', () => {
    const lab = exchangeLab(threeAttempts);
    lab.send(requestHeaders());
    lab.wait(9);
    expect(outcomeOf(lab)).toEqual({ kind: 'incomplete', status: 0, costMicroUsd: 0, decidedMs: 9, totalMs: 9 });
  });
});
