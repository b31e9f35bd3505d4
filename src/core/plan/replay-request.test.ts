import { describe, expect, test } from 'vitest';
import { decideRequest, ledgerWith } from '../../../test/support/decision-lab.ts';
import {
  type FixtureParts,
  fixtureRevision,
  policyResult,
  routeDocument,
} from '../../../test/support/revision-fixture.ts';
import { present } from '../base/assert.ts';
import type { DecisionRecord } from '../decide/record.ts';
import { corpusLineOf } from './corpus.ts';
import { type Replayed, replayRequest } from './replay-request.ts';

const ROUTE = 'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] }, { offers: [ cloud ] } ]';
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ request ] }';
const base = fixtureRevision({ routes: [routeDocument('chat', ROUTE)] });

function replayed(record: DecisionRecord, parts: FixtureParts): Replayed {
  const line = present(corpusLineOf(record), 'a line');
  return replayRequest(fixtureRevision({ routes: [routeDocument('chat', ROUTE)], ...parts }), line).replayed;
}

const served = {
  kind: 'served',
  route: 'chat',
  offer: 'small/own',
  region: 'eu',
  // 6 prompt tokens at 0.04 and 256 expected ones at 0.08.
  costMicroUsd: 20.72,
  redacted: 0,
  latency: 'under 0.5 s',
  watch: '',
} as const;

describe('a recorded request', () => {
  const { record } = decideRequest(base);

  test('is decided by its own revision as it was', () => {
    expect(replayed(record, {})).toEqual(served);
  });

  test('goes where another revision sends it', () => {
    const routes = [routeDocument('chat', ROUTE.replace('[ own ]', '[ corp ]'))];
    expect(replayed(record, { routes })).toEqual({
      ...served,
      offer: 'small/corp',
      costMicroUsd: 25.9,
      latency: 'provider',
    });
  });

  test('meets the load that was recorded, and an engine that was not looked at is idle', () => {
    const down = ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000'];
    const busy = decideRequest(base, { ledger: ledgerWith({}, down) }).record;
    expect(replayed(busy, {})).toMatchObject({ offer: 'small/cloud', region: 'us' });
    const split =
      'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { split: [ { model: next, offers: [ spare ], weight: 1 } ] } ]';
    expect(replayed(busy, { routes: [routeDocument('chat', split)] })).toMatchObject({ offer: 'next/spare' });
  });

  test.each<[what: string, record: DecisionRecord, code: string]>([
    ['key that is gone', { ...record, principal: { team: 'red', key: 'gone' } }, 'invalid-key'],
    ['key that has ended', { ...record, principal: { team: 'red', key: 'old-key' }, timeMs: 9e12 }, 'expired-key'],
    ['model that is gone', { ...record, request: { ...record.request, model: 'gone' } }, 'unknown-model'],
  ])('with a %s is denied', (_what, old, code) => {
    expect(replayed(old, {})).toEqual({ kind: 'denied', code });
  });

  test('whose text no policy has judged yet cannot be replayed through one', () => {
    expect(replayed(record, { documents: [GUARDRAIL] })).toEqual({ kind: 'not-replayable', why: 'policy' });
  });

  test('keeps what the same policy said of it, under the mode of today', () => {
    const evaluate = policyResult({ g: { deny: [{ code: 'no' }], warn: [], redact: [], route: [] } });
    const denied = decideRequest(fixtureRevision({ documents: [GUARDRAIL], evaluate })).record;
    expect(replayed(denied, { documents: [GUARDRAIL] })).toEqual({ kind: 'denied', code: 'no' });
    const shadow = GUARDRAIL.replace('stages', 'mode: shadow, stages');
    expect(replayed(denied, { documents: [shadow] })).toEqual(served);
  });

  test('cannot be replayed where a route looks at a header that was not recorded', () => {
    const routes = [
      routeDocument('chat', ROUTE.replace('teams: [ "*" ]', 'teams: [ "*" ], headers: { x-tier: gold }')),
    ];
    expect(replayed(record, { routes })).toEqual({ kind: 'not-replayable', why: 'header' });
  });
});

test('a header whose value nobody named then is known by its hash', () => {
  const named = (value: string) => [
    routeDocument('chat', ROUTE.replace('teams: [ "*" ]', `teams: [ "*" ], headers: { x-tier: ${value} }`)),
  ];
  const headers = new Map([['x-tier', 'tin']]);
  const { record } = decideRequest(fixtureRevision({ routes: named('gold') }), { headers });
  expect(JSON.stringify(record)).not.toContain('tin');
  expect(replayed(record, { routes: named('gold') })).toEqual({ kind: 'denied', code: 'no-route' });
  expect(replayed(record, { routes: named('tin') })).toEqual(served);
});
