import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { spacedOut } from './spaced-out.ts';

test('many calls of a turn are one piece of work, and a call after it is another', async () => {
  let done = 0;
  const call = spacedOut(() => {
    done += 1;
  });
  for (let count = 0; count < 1_000; count += 1) call();
  expect(done).toBe(0);
  await nextTurn();
  expect(done).toBe(1);
  call();
  await nextTurn();
  expect(done).toBe(2);
});
