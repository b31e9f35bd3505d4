import { expect, test } from 'vitest';
import { NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import { createRevisionCounts } from './revision-counts.ts';

const totals = (requests: number) => ({ ...NO_REQUESTS, requests });

test('totals of several deciders are one sum, and a decider that starts again loses none', () => {
  const counts = createRevisionCounts();
  counts.take('decider-1', 'd', totals(5));
  counts.take('decider-1', 'd', totals(7));
  counts.take('decider-2', 'd', totals(10));
  counts.count({ digest: 'd', outcome: { kind: 'incomplete', status: 200, costMicroUsd: 0 } });
  expect(counts.of('d')).toEqual(totals(18));
  counts.take('decider-1', 'd', totals(1));
  expect([counts.of('d'), counts.of('other')]).toEqual([totals(19), NO_REQUESTS]);
});
