import { expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import { counterKey, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import { createRevisionCounts } from './revision-counts.ts';

const DIGEST = digestOfText('a revision');
/** The same revision in two fleets. */
const [KEY, OTHER] = [counterKey(DIGEST, 'edge'), counterKey(DIGEST, 'other')];

const totals = (requests: number) => ({ ...NO_REQUESTS, requests });

test('totals of several deciders are one sum, and a decider that starts again loses none', () => {
  const counts = createRevisionCounts();
  counts.take('decider-1', KEY, totals(5));
  counts.take('decider-1', KEY, totals(7));
  counts.take('decider-2', KEY, totals(10));
  counts.count({ digest: DIGEST, outcome: { kind: 'incomplete', status: 200, costMicroUsd: 0 } }, 'edge');
  expect(counts.of(KEY)).toEqual(totals(18));
  counts.take('decider-1', KEY, totals(1));
  expect([counts.of(KEY), counts.of(OTHER)]).toEqual([totals(19), NO_REQUESTS]);
});
