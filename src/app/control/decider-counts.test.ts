import { expect, test } from 'vitest';
import { counterKey, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import { createDeciderCounts } from './decider-counts.ts';
import { createRevisionCounts } from './revision-counts.ts';

const ONE = counterKey(`sha256:${'1'.repeat(64)}`, 'edge');
const hello = (instance: string) => ({ decider: 'd-1', instance, address: '', version: '1' });
const told = (requests: number) => new Map([[ONE, { ...NO_REQUESTS, requests }]]);

test('a decider counts from what it told first, at each of its starts', () => {
  const counts = createRevisionCounts();
  const deciders = createDeciderCounts(counts);
  const counted = (instance: string, requests: number) => {
    deciders.take(hello(instance), told(requests));
    return counts.of(ONE).requests;
  };
  // Before this control plane was there, it had decided 100 of them.
  expect([counted('first', 100), counted('first', 103), counted('first', 107)]).toEqual([0, 3, 7]);
  expect(deciders.decidedBy('d-1')).toBe(7);
  expect([counted('second', 0), counted('second', 2), counted('second', 9)]).toEqual([7, 9, 16]);
  expect([deciders.decidedBy('d-1'), deciders.decidedBy('d-2')]).toEqual([9, 0]);
});

test('one that comes back after it was forgotten begins again', () => {
  const counts = createRevisionCounts();
  const deciders = createDeciderCounts(counts);
  for (const requests of [0, 5]) deciders.take(hello('first'), told(requests));
  deciders.forget('d-1');
  for (const requests of [8, 9]) deciders.take(hello('first'), told(requests));
  expect(counts.of(ONE).requests).toBe(6);
});
