import { expect, test } from 'vitest';
import type { ChangeLimits } from '../ir/change-limits.ts';
import { commitLimits, limitChecks, type Signer } from './change-limits.ts';

const origin = { file: 'limits.yaml', line: 1, column: 1 };
const LIMITS: ChangeLimits = {
  name: 'default',
  origin,
  perCommit: { trafficMoved: 0.25, costPerDayUsd: 200 },
  signers: [{ signer: 'release-bot', limits: { trafficMoved: 0.05, newDenials: 0 } }],
};
const OTHER: ChangeLimits = { name: 'other', origin, perCommit: { trafficMoved: 0.5, fleetsTouched: 3 }, signers: [] };

test.each<[string, Signer, object]>([
  ['anybody', { kind: 'any' }, { trafficMoved: 0.25, costPerDayUsd: 200, fleetsTouched: 3 }],
  [
    'a signer without a row',
    { kind: 'signed', signer: 'ana' },
    { trafficMoved: 0.25, costPerDayUsd: 200, fleetsTouched: 3 },
  ],
  [
    'a signer with one',
    { kind: 'signed', signer: 'release-bot' },
    { trafficMoved: 0.05, newDenials: 0, costPerDayUsd: 200, fleetsTouched: 3 },
  ],
  ['nobody known', { kind: 'unsigned' }, { trafficMoved: 0.05, newDenials: 0, costPerDayUsd: 200, fleetsTouched: 3 }],
])('the limits of a commit of %s', (_, signer, expected) => {
  expect(commitLimits([LIMITS, OTHER], signer)).toEqual(expected);
});

test('unsigned commits have their own row where there is one', () => {
  expect(commitLimits([{ ...LIMITS, unsigned: { trafficMoved: 0 } }], { kind: 'unsigned' })).toEqual({
    trafficMoved: 0,
  });
});

test('a limit that a change passes is breached, and what only a corpus could say is not known', () => {
  const removals = [{ what: 'clusters', removed: 3, before: 4, share: 0.75 }];
  expect(
    limitChecks({ trafficMoved: 0.1, fleetsTouched: 1, removed: 0.5 }, { fleets: [], removals, traffic: undefined }),
  ).toEqual([
    { limit: 'trafficMoved', allowed: 0.1, isBreached: false },
    { limit: 'fleetsTouched', allowed: 1, actual: 0, isBreached: false },
    { limit: 'removed', allowed: 0.5, actual: 0.75, isBreached: true },
  ]);
});
