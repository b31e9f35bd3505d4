import { describe, expect, test } from 'vitest';
import {
  decidedExchange,
  FIRST,
  HOP,
  loadOf,
  outcomeOf,
  SECOND,
  threeAttempts,
} from '../../../test/support/answer-lab.ts';
import {
  answerHeaders,
  exchangeLab,
  refusalOf,
  requestHeaders,
  responseHeaders,
} from '../../../test/support/exchange-lab.ts';

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
    const lab = decidedExchange();
    lab.send(answerHeaders(status, attempt, address));
    expect(loadOf(lab)).toEqual(ledger);
    lab.end();
    expect(loadOf(lab).active).toEqual([]);
  });

  test.each<[string, number, string, number]>([
    ['a request that no offer likes is answered, and costs nothing', 400, 'answered', 0],
    ['an overloaded upstream is a failure', 429, 'failed', 0],
    ['a broken upstream is a failure', 500, 'failed', 0],
  ])('%s', (_what, status, kind, costMicroUsd) => {
    const lab = decidedExchange();
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

  test.each([[301], [302], [304], [307], [401], [403]])(
    'an upstream that answers %i, a redirect or a refusal of our key, is an error of the gateway, in our own words',
    (status) => {
      const lab = decidedExchange();
      expect(refusalOf(lab.send(answerHeaders(status, 3, HOP)))).toEqual([1, 'immediate', 502, 'upstream-refused']);
      expect(outcomeOf(lab)).toMatchObject({ kind: 'failed', status: 502, upstreamStatus: status, costMicroUsd: 0 });
    },
  );
});

describe('an answer of Envoy itself', () => {
  test('that came after attempts which all failed is no answer of the last one', () => {
    const lab = decidedExchange();
    const details = 'upstream_reset_before_response_started{remote_connection_failure}';
    const attributes = {
      'upstream.request_attempt_count': 2,
      'upstream.address': SECOND,
      'response.code_details': details,
    };
    expect(lab.send(responseHeaders(503, attributes))).toEqual([
      { kind: 'response-headers', setHeaders: [['headgate-decision', 'dec-1']] },
    ]);
    expect(loadOf(lab)).toEqual({ active: [], resting: [SECOND, FIRST] });
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
    const lab = decidedExchange();
    lab.send(
      responseHeaders(503, { 'upstream.request_attempt_count': 0, 'response.code_details': 'cluster_not_found' }),
    );
    expect([loadOf(lab), outcomeOf(lab)?.kind]).toEqual([{ active: [], resting: [] }, 'failed']);
  });

  test('without attributes blames no engine', () => {
    const lab = decidedExchange();
    lab.send(responseHeaders(504));
    expect([loadOf(lab), outcomeOf(lab)?.kind]).toEqual([{ active: [], resting: [] }, 'failed']);
  });

  test('while the body is awaited (too large) passes, and the request leaves its record', () => {
    const lab = exchangeLab(threeAttempts);
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
    const lab = exchangeLab(threeAttempts);
    lab.send(requestHeaders());
    lab.send(responseHeaders(408));
    expect([outcomeOf(lab), lab.records[0]?.refusal]).toEqual([
      { kind: 'failed', status: 408, costMicroUsd: 0, decidedMs: 0, totalMs: 0 },
      undefined,
    ]);
  });

  test('as the first message of its stream (a filter before us) passes, and nothing was asked', () => {
    const lab = exchangeLab(threeAttempts);
    expect(lab.send(responseHeaders(400))).toEqual([{ kind: 'response-headers' }]);
    lab.end();
    expect(lab.records).toEqual([]);
  });
});
