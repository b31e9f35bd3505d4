import { describe, expect, test } from 'vitest';
import { judgeGates } from './gates.ts';
import { countRecord, NO_REQUESTS, type RevisionCounters } from './revision-counters.ts';

/** So many requests, of which some fail, some are refused, and all that do not take so long and cost so much. */
function counters(requests: number, some: { errors?: number; denials?: number; ms?: number; usd?: number } = {}) {
  const { errors = 0, denials = 0, ms = 100, usd = 0.01 } = some;
  let counted: RevisionCounters = NO_REQUESTS;
  for (let index = 0; index < requests; index += 1) {
    const isError = index < errors;
    const isDenied = !isError && index < errors + denials;
    const kind = isDenied ? 'refused' : 'answered';
    const outcome = {
      kind: isError ? 'failed' : kind,
      status: isError ? 503 : 200,
      costMicroUsd: usd * 1e6,
      headersMs: ms,
    } as const;
    counted = countRecord(counted, { outcome });
  }
  return counted;
}

const BEFORE = counters(1_000, { errors: 10, denials: 10 });

describe('a gate', () => {
  test.each([
    ['errorRateRise', 'errors as before', { errors: 2 }, false],
    ['errorRateRise', 'errors far above', { errors: 20 }, true],
    ['errorRateRise', 'one error in few requests, which is chance', { errors: 3 }, false],
    ['denyRateRise', 'denials as before', { denials: 2 }, false],
    ['denyRateRise', 'nothing but denials', { denials: 200 }, true],
    ['costRise', 'the same cost', {}, false],
    ['costRise', 'twice the cost', { usd: 0.02 }, true],
    ['firstTokenP99Rise', 'the same time', {}, false],
    ['firstTokenP99Rise', 'twice the time', { ms: 200 }, true],
  ] as const)('%s with %s', (gate, _, some, isBroken) => {
    const gates = { nacks: 0, [gate]: gate.startsWith('cost') || gate.startsWith('first') ? 0.2 : 0.01 };
    const { figures, isMeasured } = judgeGates(gates, 50, counters(200, some), BEFORE);
    expect([isMeasured, figures.map((figure) => [figure.gate, figure.isBroken])]).toEqual([true, [[gate, isBroken]]]);
  });

  test('says nothing of too few requests, on either side', () => {
    const gates = { nacks: 0, errorRateRise: 0.01 };
    const unmeasured = { figures: [], isMeasured: false };
    expect(judgeGates(gates, 50, counters(49, { errors: 49 }), BEFORE)).toEqual(unmeasured);
    expect(judgeGates(gates, 0, counters(10, { errors: 10 }), NO_REQUESTS)).toEqual(unmeasured);
  });

  test('that is not set has nothing to wait for', () => {
    expect(judgeGates({ nacks: 0 }, 50, NO_REQUESTS, NO_REQUESTS)).toEqual({ figures: [], isMeasured: true });
  });

  test('says what was, what is and what would be let pass', () => {
    const gates = { nacks: 0, denyRateRise: 0.05 };
    expect(judgeGates(gates, 50, counters(100, { denials: 50 }), counters(100, { denials: 10 })).figures).toEqual([
      { gate: 'denyRateRise', before: 0.1, now: 0.5, allowed: 0.1 + 0.05, isBroken: true },
    ]);
  });
});
