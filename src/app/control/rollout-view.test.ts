import { expect, test } from 'vitest';
import type { Digest } from '../../core/base/digest.ts';
import type { RolloutPlan } from '../../core/ir/rollout-plan.ts';
import { type FleetRollout, newFleetRollout } from '../../core/rollout/fleet-rollout.ts';
import type { RolloutNode } from '../../core/rollout/rollout-view.ts';
import { type RolloutFacts, rolloutStatus } from './rollout-view.ts';

const [OLD, NEW] = ['sha256:old', 'sha256:new'] as [Digest, Digest];
const PLAN: RolloutPlan = {
  ...{ bakeMs: 60_000, requestsMin: 0, ackTimeoutMs: 1_000, gates: { nacks: 0 } },
  waves: [
    { kind: 'labels', labels: { ring: 'canary' } },
    { kind: 'share', share: 0.5 },
    { kind: 'share', share: 1 },
  ],
};
const rollout = newFleetRollout('edge', PLAN);

function node(name: string, fullyAcknowledged: string, fleet = 'edge'): RolloutNode {
  return { node: name, fleet, labels: {}, connectedForMs: 1, fullyAcknowledged };
}

const facts: RolloutFacts = {
  ...{ isPaused: false, live: undefined, newest: undefined, frozen: [], diagnostics: '', rollout: undefined },
  ...{ nodes: [node('a', NEW), node('b', OLD), node('c', OLD), node('x', OLD, 'other')], nowMs: 100_000 },
};

function fleetOf(parts: Partial<FleetRollout>) {
  const started = { digest: NEW, commit: 'c2', fleets: [{ ...rollout, ...parts }] };
  return rolloutStatus({ ...facts, rollout: started }).rollout?.fleets[0];
}

const shown = {
  ...{ fleet: 'edge', waves: ['ring=canary', '50%', '100%'], connected: 3, refusedBy: [], figures: [] },
};

test.each<[string, Partial<FleetRollout>, object]>([
  ['before its first wave', {}, { wave: 0, state: 'waiting', chosen: 0, acknowledged: 0, missing: [] }],
  [
    'in a wave that waits for a proxy',
    { wave: 1, nodes: new Set(['a', 'b']) },
    { wave: 2, state: 'rolling', chosen: 2, acknowledged: 1, missing: ['b'] },
  ],
  [
    'in a wave that is watched',
    { wave: 0, nodes: new Set(['a', 'gone']), bakingSinceMs: 70_000 },
    { wave: 1, state: 'baking', chosen: 1, acknowledged: 1, missing: [], bakeLeftMs: 30_000 },
  ],
  [
    'that has it',
    { wave: 2, nodes: 'all', bakingSinceMs: 70_000, isDone: true, refusedBy: ['c'] },
    { wave: 3, state: 'done', chosen: 3, acknowledged: 1, missing: ['b', 'c'], refusedBy: ['c'] },
  ],
])('a fleet %s', (_what, parts, expected) => {
  expect(fleetOf(parts)).toEqual({ ...shown, ...expected });
});

test('nothing is on its way, and something was stopped', () => {
  const newest = { kind: 'frozen', commit: 'c2', digest: NEW } as const;
  const live = { commit: 'c1', digest: OLD, taken: true };
  const frozen = [{ commit: 'c2', digest: NEW }];
  expect(rolloutStatus({ ...facts, live, newest, frozen, diagnostics: 'HG6001', isPaused: true })).toEqual({
    ...{ isPaused: true, live: { commit: 'c1', digest: OLD }, newest, frozen, diagnostics: 'HG6001' },
  });
});
