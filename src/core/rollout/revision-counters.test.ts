import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CountedRecord,
  countersSince,
  countRecord,
  mergeCounters,
  NO_REQUESTS,
  type RevisionCounters,
} from './revision-counters.ts';

type Outcome = NonNullable<CountedRecord['outcome']>;

function record(kind: Outcome['kind'], status: number, headersMs?: number, costMicroUsd = 0): CountedRecord {
  return { outcome: { kind, status, costMicroUsd, ...(headersMs === undefined ? {} : { headersMs }) } };
}

describe('one record counts', () => {
  const one = { ...NO_REQUESTS, requests: 1 };
  test.each<[string, CountedRecord, RevisionCounters]>([
    ['nothing while its outcome is open', {}, NO_REQUESTS],
    ['a request and its first token', record('answered', 200, 120), { ...one, firstTokens: { 50: 1 } }],
    ['a first token below a millisecond', record('answered', 200, 0.4), { ...one, firstTokens: { 0: 1 } }],
    [
      'a first token after an hour in the last bucket',
      record('answered', 200, 4e6),
      { ...one, firstTokens: { 149: 1 } },
    ],
    ['its cost', record('answered', 200, undefined, 2_000_000), { ...one, costUsd: 2, costUsdSquares: 4 }],
    ['a refusal as a denial', record('refused', 403), { ...one, denials: 1 }],
    ['a blocked answer as a denial', record('blocked', 200, 80), { ...one, denials: 1 }],
    ['a refusal for want of an upstream as an error', record('refused', 503), { ...one, errors: 1 }],
    ['a failure as an error', record('failed', 0), { ...one, errors: 1 }],
    ['a broken answer as a request alone: the client may have left', record('incomplete', 200, 80), one],
  ])('%s', (_, given, expected) => {
    expect(countRecord(NO_REQUESTS, given)).toEqual(expected);
  });
});

test('totals merge in any order, and what came since is what was added', () => {
  const kinds = fc.constantFrom<Outcome['kind']>('answered', 'incomplete', 'refused', 'blocked', 'failed');
  const records = fc.array(
    fc.record({ kind: kinds, status: fc.constantFrom(200, 403, 503), headersMs: fc.nat(1e7), cost: fc.nat(64) }),
    { maxLength: 30 },
  );
  const totals = records.map((list) =>
    list.reduce(
      (counters, each) => countRecord(counters, record(each.kind, each.status, each.headersMs, each.cost * 1e6)),
      NO_REQUESTS,
    ),
  );
  fc.assert(
    fc.property(totals, totals, (left, right) => {
      const both = mergeCounters(left, right);
      expect(mergeCounters(right, left)).toEqual(both);
      expect(countersSince(both, left)).toEqual(right);
    }),
  );
});
