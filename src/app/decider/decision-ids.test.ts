import { expect, test } from 'vitest';
import { decisionIds } from './decision-ids.ts';

test('ids of one second begin alike, and no two are the same', () => {
  let nowMs = 1_700_000_000_000;
  const newId = decisionIds(() => nowMs);
  const ids = Array.from({ length: 1_000 }, () => newId());
  expect(new Set(ids).size).toBe(1_000);
  expect(new Set(ids.map((id) => id.slice(0, 5)))).toEqual(new Set(['ZVPxA']));
  expect(ids.every((id) => /^[\w-]{16}$/.test(id))).toBe(true);
  nowMs += 5_000;
  expect(newId().slice(0, 5)).toBe('ZVPxB');
});
