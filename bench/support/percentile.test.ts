import { expect, test } from 'vitest';
import { median, percentile } from './percentile.ts';

test.each([
  [[7], 0.5, 7],
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2],
  [[10, 9, 1, 2], 0.99, 10],
  [[2, 1], 0, 1],
  [[100, 20, 3], 1, 100],
])('of %j the share %d lies at or below %d', (values, share, value) => {
  expect(percentile(values, share)).toBe(value);
});

test('the median is the half', () => {
  expect(median(new Set([5, 1, 100]))).toBe(5);
});
