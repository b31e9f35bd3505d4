import { expect, test } from 'vitest';
import type { Digest } from '../base/digest.ts';
import { type DeciderTally, EMPTY_TALLY, forget, tell } from './decider-tally.ts';
import { NO_REQUESTS, type RevisionCounters } from './revision-counters.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [ONE, TWO] = [digest('1'), digest('2')];
const totals = (count: number): RevisionCounters => ({ ...NO_REQUESTS, requests: count, costUsd: count / 2 });
const said = (...pairs: [Digest, number][]) => new Map(pairs.map(([each, count]) => [each, totals(count)]));

const requests = ({ totals: counted }: DeciderTally) =>
  Object.fromEntries([...counted].map(([each, counters]) => [each.at(-1), counters.requests]));

test('what an instance tells first is where its count begins', () => {
  const first = tell(EMPTY_TALLY, 'a', said([ONE, 100]));
  expect(requests(first)).toEqual({});
  const later = tell(first, 'a', said([ONE, 103], [TWO, 5]));
  expect(later.totals).toEqual(new Map([...said([ONE, 3]), ...said([TWO, 5])]));
});

test('totals are told as often as one likes', () => {
  const once = tell(tell(EMPTY_TALLY, 'a', said()), 'a', said([ONE, 7]));
  expect(tell(once, 'a', said([ONE, 7])).totals).toEqual(once.totals);
});

test('those of several add up, and stay when one is gone', () => {
  const started = tell(tell(EMPTY_TALLY, 'a', said()), 'b', said([ONE, 10]));
  const both = tell(tell(started, 'a', said([ONE, 4])), 'b', said([ONE, 12]));
  expect(requests(both)).toEqual({ 1: 6 });
  const left = forget(both, 'a');
  expect(requests(left)).toEqual({ 1: 6 });
  expect(requests(tell(left, 'b', said([ONE, 13])))).toEqual({ 1: 7 });
  expect([...left.told.keys()]).toEqual(['b']);
});
