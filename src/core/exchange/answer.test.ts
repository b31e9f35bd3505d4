import { describe, expect, test } from 'vitest';
import {
  answerHeaders,
  type ExchangeLab,
  exchangeLab,
  refusalOf,
  requestBody,
  requestHeaders,
  responseHeaders,
  responseTrailers,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision, routeDocument } from '../../../test/support/revision-fixture.ts';
import { assert } from '../base/assert.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { isDown } from '../load/ledger.ts';

const TARGETS =
  'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] }, { offers: [ corp ] } ]';
const revision = fixtureRevision({ routes: [routeDocument('chat', `${TARGETS}\n  retry: { attempts: 3 }`)] });

/** The attempts that these exchanges get: two engines, then a provider. */
const FIRST = '10.0.0.3:8000';
const SECOND = '10.0.0.1:8000';
const HOP = 'envoy://providers/corp';

function decided(body: Parameters<typeof requestBody>[0] = {}): ExchangeLab {
  const lab = exchangeLab(revision);
  lab.send(requestHeaders());
  lab.wait(5);
  lab.send(requestBody(body));
  return lab;
}

/** What came of the request, which leaves one record however often its stream ends. */
function outcomeOf(lab: ExchangeLab): DecisionRecord['outcome'] {
  lab.end();
  lab.end();
  assert(lab.records.length === 1, `${lab.records.length} records`);
  return lab.records[0]?.outcome;
}

/** Engines that hold a request, and engines that rest. */
function ledgerOf(lab: ExchangeLab): { active: string[]; resting: string[] } {
  const loads = [...lab.ledger.endpoints];
  return {
    active: loads
      .filter(([, load]) => load.activeRequests !== 0 || load.reservedTokens !== 0)
      .map(([address]) => address),
    resting: loads.filter(([, load]) => isDown(load, 1_000_006)).map(([address]) => address),
  };
}

test('the attempts are the two cheapest engines and the provider', () => {
  const lab = decided();
  lab.end();
  expect(lab.records[0]?.attempts).toEqual([
    { offer: 'small/own', cluster: 'pool-gpus', address: FIRST },
    { offer: 'small/own', cluster: 'pool-gpus', address: SECOND },
    { offer: 'small/corp', cluster: 'hop-corp' },
  ]);
});

describe('an answer that ends with its usage', () => {
  test('leaves who served, what it cost, and how long it took', () => {
    const lab = decided();
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
    expect(ledgerOf(lab)).toEqual({ active: [], resting: [] });
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
    const lab = decided(body);
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
    const lab = decided({ stream: true });
    lab.send(answerHeaders(200, 1, FIRST));
    expect(lab.send(responseTrailers(usage))).toEqual([{ kind: 'response-trailers' }]);
    expect(outcomeOf(lab)).toMatchObject({ kind: 'incomplete', usage: { source: 'estimated' } });
  });

  test('also when the client leaves before its headers: a plain answer was being made', () => {
    const lab = decided();
    lab.wait(1_000);
    expect(outcomeOf(lab)).toEqual({
      kind: 'incomplete',
      status: 0,
      usage: { inputTokens: 6, cachedTokens: 0, outputTokens: 40, source: 'estimated' },
      costMicroUsd: 3.44,
      decidedMs: 5,
      totalMs: 1_005,
    });
    expect(ledgerOf(lab)).toEqual({ active: [], resting: [] });
  });
});

describe('attempts', () => {
  test.each<[string, number, number, string, object]>([
    ['the first serves', 200, 1, FIRST, { active: [FIRST], resting: [] }],
    ['the second serves: the first rests', 200, 2, SECOND, { active: [SECOND], resting: [FIRST] }],
    ['the provider serves: both engines rest', 200, 3, HOP, { active: [], resting: [SECOND, FIRST] }],
    ['Envoy took another engine than was planned', 200, 1, '10.0.0.2:8000', { active: ['10.0.0.2:8000'], resting: [] }],
    ['the last engine is overloaded too', 429, 2, SECOND, { active: [SECOND], resting: [SECOND, FIRST] }],
    ['the last engine is broken too', 503, 2, SECOND, { active: [SECOND], resting: [SECOND, FIRST] }],
    ['an engine says what is wrong with the request', 400, 1, FIRST, { active: [FIRST], resting: [] }],
  ])('%s', (_what, status, attempt, address, ledger) => {
    const lab = decided();
    lab.send(answerHeaders(status, attempt, address));
    expect(ledgerOf(lab)).toEqual(ledger);
    lab.end();
    expect(ledgerOf(lab).active).toEqual([]);
  });

  test.each<[string, number, string, number]>([
    ['a request that no offer likes is answered, and costs nothing', 400, 'answered', 0],
    ['an overloaded upstream is a failure', 429, 'failed', 0],
    ['a broken upstream is a failure', 500, 'failed', 0],
  ])('%s', (_what, status, kind, costMicroUsd) => {
    const lab = decided();
    lab.send(answerHeaders(status, 3, HOP));
    expect(outcomeOf(lab)).toEqual({
      kind,
      status,
      served: { offer: 'small/corp', cluster: 'hop-corp', attempt: 3 },
      costMicroUsd,
      decidedMs: 5,
      headersMs: 5,
      totalMs: 5,
    });
  });

  test.each([[401], [403]])(
    'an upstream that answers %i to our key is an error of the gateway, in our own words',
    (status) => {
      const lab = decided();
      expect(refusalOf(lab.send(answerHeaders(status, 3, HOP)))).toEqual([1, 'immediate', 502, 'upstream-refused']);
      expect(outcomeOf(lab)).toMatchObject({ kind: 'failed', status: 502, upstreamStatus: status, costMicroUsd: 0 });
    },
  );
});

describe('an answer of Envoy itself', () => {
  test('that came after attempts which all failed is no answer of the last one', () => {
    const lab = decided();
    const details = 'upstream_reset_before_response_started{remote_connection_failure}';
    const attributes = {
      'upstream.request_attempt_count': 2,
      'upstream.address': SECOND,
      'response.code_details': details,
    };
    expect(lab.send(responseHeaders(503, attributes))).toEqual([
      { kind: 'response-headers', setHeaders: [['headgate-decision', 'dec-1']] },
    ]);
    expect(ledgerOf(lab)).toEqual({ active: [], resting: [SECOND, FIRST] });
    expect(outcomeOf(lab)).toEqual({
      kind: 'failed',
      status: 503,
      costMicroUsd: 0,
      decidedMs: 5,
      headersMs: 5,
      totalMs: 5,
    });
  });

  test('before any attempt (a cluster that the proxy does not have) blames no engine', () => {
    const lab = decided();
    lab.send(
      responseHeaders(503, { 'upstream.request_attempt_count': 0, 'response.code_details': 'cluster_not_found' }),
    );
    expect([ledgerOf(lab), outcomeOf(lab)?.kind]).toEqual([{ active: [], resting: [] }, 'failed']);
  });

  test('without attributes blames no engine', () => {
    const lab = decided();
    lab.send(responseHeaders(504));
    expect([ledgerOf(lab), outcomeOf(lab)?.kind]).toEqual([{ active: [], resting: [] }, 'failed']);
  });

  test('while the body is awaited (too large) passes, and the request leaves its record', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.wait(20);
    const attributes = { 'response.code_details': 'request_payload_too_large' };
    expect(lab.send(responseHeaders(413, attributes))).toEqual([
      { kind: 'response-headers', setHeaders: [['headgate-decision', 'dec-1']] },
    ]);
    expect(outcomeOf(lab)).toEqual({ kind: 'refused', status: 413, costMicroUsd: 0, decidedMs: 20, totalMs: 20 });
    expect(lab.records[0]?.refusal).toEqual({ reason: 'body-too-large', code: 'request_payload_too_large' });
  });

  test('while the body is awaited (it did not come in time) is a failure', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.send(responseHeaders(408));
    expect([outcomeOf(lab), lab.records[0]?.refusal]).toEqual([
      { kind: 'failed', status: 408, costMicroUsd: 0, decidedMs: 0, totalMs: 0 },
      undefined,
    ]);
  });

  test('as the first message of its stream (a filter before us) passes, and nothing was asked', () => {
    const lab = exchangeLab(revision);
    expect(lab.send(responseHeaders(400))).toEqual([{ kind: 'response-headers' }]);
    lab.end();
    expect(lab.records).toEqual([]);
  });
});

describe('the end of the stream', () => {
  test('before its first message leaves nothing', () => {
    const lab = exchangeLab(revision);
    lab.end();
    expect(lab.records).toEqual([]);
  });

  test('while the body is awaited leaves one record', () => {
    const lab = exchangeLab(revision);
    lab.send(requestHeaders());
    lab.wait(9);
    expect(outcomeOf(lab)).toEqual({ kind: 'incomplete', status: 0, costMicroUsd: 0, decidedMs: 9, totalMs: 9 });
  });
});
