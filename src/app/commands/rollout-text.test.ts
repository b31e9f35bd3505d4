import { expect, test } from 'vitest';
import type { FleetProgressView, RolloutStatus } from '../control/rollout-view.ts';
import { describeReleased, describeRollout, rolloutChanges } from './rollout-text.ts';

const [OLD, NEW] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`] as const;
const [FIRST, SECOND] = ['1'.repeat(40), '2'.repeat(40)] as const;

const edge: FleetProgressView = {
  ...{ fleet: 'edge', wave: 2, waves: ['1', '25%', '100%'], state: 'baking', bakeLeftMs: 40_000 },
  ...{ chosen: 30, acknowledged: 5, connected: 120, missing: ['edge-7', 'edge-9'], refusedBy: ['edge-3'] },
  figures: [
    { gate: 'errorRateRise', before: 0.01, now: 0.0123456, allowed: 0.02, isBroken: false },
    { gate: 'costRise', before: 0.001, now: 0.009, allowed: 0.0011, isBroken: true },
  ],
};
const STATUS: RolloutStatus = {
  ...{ isPaused: true, live: { commit: FIRST, digest: OLD }, diagnostics: 'error[HG6001]: no' },
  frozen: Array.from({ length: 7 }, (_, index) => ({ commit: `${index}`.repeat(40), digest: NEW })),
  newest: { kind: 'rolling-out', commit: SECOND, digest: NEW },
  rollout: { commit: SECOND, digest: NEW, fleets: [edge] },
};

function squeezed(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^[┌├└]/.test(line));
  return lines.map((line) => line.replaceAll(/[│\s]+/g, ' ').trim());
}

test('a rollout for people', () => {
  expect(squeezed(describeRollout(STATUS))).toEqual([
    'live 111111111111 sha256:aaaaaaaaaaaa',
    'newest 222222222222 rolling-out',
    'rollout 222222222222 sha256:bbbbbbbbbbbb',
    'paused no wave follows another: headgate rollout resume',
    'frozen 666666666666 555555555555 444444444444 333333333333 222222222222 and 2 older ones, not tried again: headgate rollout release COMMIT',
    '',
    'fleet wave state have it missing refused by gates',
    'edge 2 of 3 (1 [25%] 100%) baking, 40s left 5 of 30, 120 connected edge-7 edge-3 errorRateRise 0.0123, up to 0.02',
    'edge-9 costRise 0.009, above 0.0011',
    '23 more',
    '',
    'error[HG6001]: no',
    '',
  ]);
});

test('an older commit that is released waits for one that brings it', () => {
  expect(describeReleased({ state: 'released', commit: FIRST, digest: OLD })).toBe(
    '111111111111 released: tried when a commit brings it again\n',
  );
});

test('nothing is on its way', () => {
  expect(describeRollout({ isPaused: false, diagnostics: '', frozen: [] })).toBe(
    'live      nothing yet\nrollout   nothing is on its way\n',
  );
});

test('a watch tells of waves, and of the end', () => {
  const earlier: RolloutStatus = {
    ...STATUS,
    rollout: { commit: SECOND, digest: NEW, fleets: [{ ...edge, wave: 1, chosen: 1, acknowledged: 1 }] },
  };
  const done: RolloutStatus = {
    ...{ isPaused: false, live: { commit: SECOND, digest: NEW }, frozen: [], diagnostics: '' },
    newest: { kind: 'serving', commit: SECOND, digest: NEW },
  };
  expect(rolloutChanges(STATUS, earlier)).toEqual(['fleet edge: wave 2 of 3 baking, 5 of 30 have it']);
  expect(rolloutChanges(done, STATUS)).toEqual([
    'newest: 222222222222 serving',
    'live: 222222222222 sha256:bbbbbbbbbbbb',
    'paused: no more',
    'fleet edge: no more',
  ]);
});
