import { describe, expect, test } from 'vitest';
import { type Asked, decideRequest, ledgerWith, summary } from '../../../test/support/decision-lab.ts';
import { fixtureRevision, policyResult, routeDocument } from '../../../test/support/revision-fixture.ts';
import type { Decision } from './decide.ts';

const ENGINES = ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000'];
const MATCH = 'match: { models: [ small, next ], teams: [ "*" ] }';
const ALL_DOWN = ledgerWith({}, ENGINES);

function decided(lines: string, asked: Asked = {}, documents: readonly string[] = []): Decision {
  return decideRequest(fixtureRevision({ routes: [routeDocument('chat', `${MATCH}\n  ${lines}`)], documents }), asked);
}

/** The offers that are tried, each once, in order. */
function offersOf(decision: Decision): string[] {
  return [...new Set(decision.record.attempts.map(({ offer }) => offer))];
}

describe('an offer that cannot serve is removed with its reason', () => {
  const TIERS = 'targets: [ { offers: [ own ] }, { offers: [ cloud ] } ]\n  retry: { attempts: 2 }';

  test.each<[string, string, Asked, object[], string]>([
    [
      'capability',
      TIERS,
      { body: { response_format: { type: 'json_schema' } } },
      [
        { offer: 'small/own', reason: 'capability', detail: 'the model lacks jsonSchema' },
        { offer: 'small/cloud', reason: 'capability', detail: 'the model lacks jsonSchema' },
      ],
      'no-candidate',
    ],
    [
      'context',
      TIERS,
      { body: { max_tokens: 10_000 } },
      [
        { offer: 'small/own', reason: 'context', detail: '10006 tokens asked for, 10000 fit' },
        { offer: 'small/cloud', reason: 'context', detail: '10006 tokens asked for, 10000 fit' },
      ],
      'context-exceeded',
    ],
    [
      'region',
      `${TIERS}\n  require: { regions: [ eu ] }`,
      {},
      [{ offer: 'small/cloud', reason: 'region', detail: 'region us is not among eu' }],
      'small/own@10.0.0.2:8000 small/own@10.0.0.1:8000',
    ],
    [
      'retention',
      `${TIERS}\n  require: { retention: zero }`,
      {},
      [{ offer: 'small/cloud', reason: 'retention', detail: 'retention 30d is more than zero' }],
      'small/own@10.0.0.2:8000 small/own@10.0.0.1:8000',
    ],
    [
      'health',
      TIERS,
      { ledger: ALL_DOWN },
      [{ offer: 'small/own', reason: 'health', detail: 'no endpoint of pool gpus is up' }],
      'small/cloud',
    ],
    [
      'busy',
      'targets: [ { offers: [ own ], until: { wait: 2s } }, { offers: [ cloud ] } ]',
      { ledger: ledgerWith({ [ENGINES[0] ?? '']: 60, [ENGINES[1] ?? '']: 70, [ENGINES[2] ?? '']: 80 }) },
      [{ offer: 'small/own', reason: 'busy', detail: 'predicted wait 3750 ms, limit 2000 ms' }],
      'small/cloud',
    ],
  ])('%s', (_reason, route, asked, removed, expected) => {
    const decision = decided(route, asked);
    expect([decision.record.removed, summary(decision)]).toEqual([removed, expected]);
  });

  test('context is the client’s mistake only when it is the whole reason', () => {
    const both = 'targets: [ { offers: [ own ] }, { offers: [ cloud ] } ]\n  require: { regions: [ eu ] }';
    const decision = decided(both, { body: { max_tokens: 10_000 } });
    expect([summary(decision), decision.record.removed.map(({ reason }) => reason)]).toEqual([
      'context-exceeded',
      ['context', 'context'],
    ]);
    expect(summary(decided(both, { ledger: ALL_DOWN }))).toBe('no-candidate');
  });

  test.each<[string, object, string[]]>([
    ['an offer', { offers: ['small/own'] }, ['small/own']],
    ['a pool', { upstreams: ['gpus'] }, ['small/own']],
    ['a provider', { upstreams: ['cloud'] }, ['small/cloud']],
    ['a region', { regions: ['us'] }, ['small/cloud']],
    ['all', { regions: ['us', 'eu'] }, ['small/own', 'small/cloud']],
  ])('policy: %s is forbidden', (_what, forbid, removed) => {
    const guardrail =
      'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
    const evaluate = policyResult({ g: { deny: [], warn: [], redact: [], route: [{ forbid }] } });
    const routes = [routeDocument('chat', `${MATCH}\n  ${TIERS}`)];
    const { record } = decideRequest(fixtureRevision({ routes, documents: [guardrail], evaluate }));
    expect(record.removed.filter(({ reason }) => reason === 'policy').map(({ offer }) => offer)).toEqual(removed);
  });
});

describe('until.wait', () => {
  const busy = { ledger: ledgerWith({ [ENGINES[0] ?? '']: 60, [ENGINES[1] ?? '']: 70, [ENGINES[2] ?? '']: 80 }) };

  test.each<[string, string, Asked, string[]]>([
    [
      'a shorter wait stays',
      'targets: [ { offers: [ own ], until: { wait: 4s } }, { offers: [ cloud ] } ]',
      busy,
      ['small/own', 'small/cloud'],
    ],
    ['the last tier has nowhere to go', 'targets: [ { offers: [ own ], until: { wait: 2s } } ]', busy, ['small/own']],
    [
      'a later tier that cannot serve is nowhere to go',
      'require: { regions: [ eu ] }\n  targets: [ { offers: [ own ], until: { wait: 2s } }, { offers: [ cloud ] } ]',
      busy,
      ['small/own'],
    ],
    [
      'the same offer may wait in the last tier',
      'targets: [ { offers: [ own ], until: { wait: 2s } }, { offers: [ cloud ] }, { offers: [ own ] } ]',
      busy,
      ['small/cloud', 'small/own'],
    ],
    [
      'providers are never busy',
      'targets: [ { offers: [ cloud ], until: { wait: 1ms } }, { offers: [ corp ] } ]',
      busy,
      ['small/cloud', 'small/corp'],
    ],
  ])('%s', (_what, route, asked, offers) => {
    expect(offersOf(decided(route, asked))).toEqual(offers);
  });
});

describe('the order of a tier', () => {
  test.each<[string, string, Asked, string[]]>([
    [
      'listed is the order in which the model lists its offers',
      'targets: [ { offers: [ cloud, corp ] } ]',
      {},
      ['small/corp', 'small/cloud'],
    ],
    [
      'price is the worst case of this request',
      'targets: [ { offers: [ cloud, corp, own ], order: price } ]',
      {},
      ['small/own', 'small/corp', 'small/cloud'],
    ],
    [
      'load is the predicted wait; what is not known counts as none',
      'targets: [ { offers: [ own, corp ], order: load } ]',
      { ledger: ledgerWith({ [ENGINES[0] ?? '']: 60 }) },
      ['small/corp', 'small/own'],
    ],
    [
      'an offer in two tiers is tried in the first',
      'targets: [ { offers: [ corp ] }, { offers: [ cloud, corp ] } ]',
      {},
      ['small/corp', 'small/cloud'],
    ],
  ])('%s', (_what, route, asked, offers) => {
    expect(offersOf(decided(`${route}\n  retry: { attempts: 6 }`, asked))).toEqual(offers);
  });

  test('an offer that is removed in two tiers is told once', () => {
    const route = 'require: { regions: [ eu ] }\n  targets: [ { offers: [ cloud ] }, { offers: [ cloud, corp ] } ]';
    expect(decided(route).record.removed.map(({ offer, reason }) => `${offer} ${reason}`)).toEqual([
      'small/cloud region',
    ]);
  });
});

describe('a split', () => {
  const SPLIT =
    'targets: [ { split: [ { model: small, offers: [ own ], weight: 80 }, { model: next, offers: [ own ], weight: 20 } ] } ]';
  const revision = fixtureRevision({ routes: [routeDocument('chat', `${MATCH}\n  ${SPLIT}`)] });
  const armOf = (asked: Asked): string | undefined => decideRequest(revision, asked).record.model;

  test('gives each arm its share', () => {
    const requests = Array.from({ length: 2_000 }, (_, index) => armOf({ id: `request-${index}` }));
    const next = requests.filter((model) => model === 'next').length;
    expect(next).toBeGreaterThan(2_000 * 0.17);
    expect(next).toBeLessThan(2_000 * 0.23);
  });

  test('keeps a conversation on its arm, whatever the request', () => {
    const arms = Array.from({ length: 50 }, (_, index) => {
      const headers = new Map([['headgate-session', `session-${index}`]]);
      return new Set(['1', '2', '3'].map((id) => armOf({ id, headers, seed: Number(id) })));
    });
    expect(arms.map((seen) => seen.size)).toEqual(arms.map(() => 1));
    expect(new Set(arms.flatMap((seen) => [...seen]))).toEqual(new Set(['small', 'next']));
  });

  test('does not put all who send an empty session on one arm', () => {
    const headers = new Map([['headgate-session', '']]);
    const arms = Array.from({ length: 50 }, (_, index) => armOf({ id: `request-${index}`, headers }));
    expect(new Set(arms)).toEqual(new Set(['small', 'next']));
  });
});
