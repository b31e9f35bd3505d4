import { describe, expect, test } from 'vitest';
import type { OfferRow } from '../tables/tables.ts';
import type { EligibleOffer } from './choose-offers.ts';
import { planAttempts } from './plan-attempts.ts';

const PRICE = { inputUsd: 1, cachedInputUsd: 1, outputUsd: 1 };

function row(id: string, upstreamModel: string, place: Pick<OfferRow, 'pool' | 'provider' | 'cluster'>): OfferRow {
  return { model: 'm', name: id, upstreamModel, price: PRICE, ...place };
}

/** An offer of a pool with so many good engines. */
function pool(id: string, engines: number, upstreamModel = 'own-name'): EligibleOffer {
  const endpoints = Array.from({ length: engines }, (_, index) => ({
    address: `${id}-${index + 1}`,
    queuedTokens: 0,
    activeRequests: 0,
    prefillTokensPerSecond: 8_000,
    down: false,
    costSeconds: 0,
  }));
  return { id, row: row(id, upstreamModel, { pool: id, cluster: `pool-${id}` }), endpoints };
}

function provider(id: string, upstreamModel = `${id}-name`, account = id): EligibleOffer {
  return { id, row: row(id, upstreamModel, { provider: account, cluster: `hop-${account}` }), endpoints: [] };
}

function tried(tiers: readonly (readonly EligibleOffer[])[], attemptsMax: number): string {
  const { attempts } = planAttempts({ tiers, removed: [] }, attemptsMax);
  return attempts.map(({ offer, address }) => address ?? offer).join(' ');
}

describe('the number of tries', () => {
  test.each<[string, EligibleOffer[][], number, string]>([
    ['a pool gets one per good engine', [[pool('a', 2)]], 6, 'a-1 a-2'],
    ['three at the most', [[pool('a', 5)]], 6, 'a-1 a-2 a-3'],
    ['no more than there are attempts', [[pool('a', 5)]], 2, 'a-1 a-2'],
    ['it leaves one for the tier behind it', [[pool('a', 5)], [provider('p')]], 3, 'a-1 a-2 p'],
    ['it leaves one for each offer behind it', [[pool('a', 5)], [provider('p'), provider('q')]], 4, 'a-1 a-2 p q'],
    ['one is left to itself', [[pool('a', 5)], [provider('p'), provider('q')]], 2, 'a-1 p'],
    ['a pool behind a provider gets what is left', [[provider('p')], [pool('a', 5)]], 3, 'p a-1 a-2'],
    ['two pools share', [[pool('a', 3)], [pool('b', 3)]], 5, 'a-1 a-2 a-3 b-1 b-2'],
    ['a provider gets one', [[provider('p')]], 6, 'p'],
    ['nobody gets any', [], 6, ''],
  ])('%s', (_what, tiers, attemptsMax, expected) => {
    expect(tried(tiers, attemptsMax)).toBe(expected);
  });

  test('an offer for which none is left is removed with its reason', () => {
    const plan = planAttempts({ tiers: [[pool('a', 1)], [provider('p'), provider('q')]], removed: [] }, 2);
    expect(plan.removed).toEqual([{ offer: 'q', reason: 'attempts', detail: 'all 2 attempts are taken' }]);
  });
});

describe('the name of the model in the body', () => {
  test.each<[string, EligibleOffer[][], string]>([
    ['the pool’s', [[pool('a', 1)], [provider('p')]], 'own-name'],
    [
      'the pool’s, also behind a provider: only a hop can write another one',
      [[provider('p')], [pool('a', 1)]],
      'own-name',
    ],
    ['the first provider’s where no pool is tried', [[provider('p'), provider('q')]], 'p-name'],
    ['none where nobody is tried', [], ''],
  ])('is %s', (_what, tiers, bodyModel) => {
    expect(planAttempts({ tiers, removed: [] }, 6).bodyModel).toBe(bodyModel);
  });

  test('one that engines would not know removes the offer', () => {
    const plan = planAttempts({ tiers: [[pool('a', 1, 'x')], [pool('b', 1, 'y')], [provider('p')]], removed: [] }, 6);
    expect([plan.attempts.map(({ offer }) => offer), plan.removed]).toEqual([
      ['a', 'p'],
      [{ offer: 'b', reason: 'upstream-name', detail: 'the model is "y" there, and an earlier attempt sends "x"' }],
    ]);
  });

  test('a provider is sent one name in one request: its hop knows one', () => {
    const tiers = [[provider('p', 'x', 'corp'), provider('q', 'y', 'corp'), provider('r', 'x', 'corp')]];
    const plan = planAttempts({ tiers, removed: [] }, 6);
    expect([plan.attempts.map(({ offer }) => offer), plan.removed.map(({ offer }) => offer)]).toEqual([
      ['p', 'r'],
      ['q'],
    ]);
  });
});
