import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Delivery } from './delivery.ts';
import { Outbox } from './outbox.ts';

const FAILED: Delivery = { kind: 'failed', why: 'status 503' };
const REFUSED: Delivery = { kind: 'refused', why: 'status 422' };
const DELIVERED: Delivery = { kind: 'delivered' };
const PAUSE: Delivery = { kind: 'failed', why: 'status 429', retryAfterMs: 7_000 };

/** An outbox whose time goes by only where it waits, and whose server answers from a list, then takes everything. */
function lab(keep: 'newest' | 'all', answers: Delivery[] = []) {
  const told: string[] = [];
  let nowMs = 0;
  let wanted: { readonly isThere: () => boolean; readonly resolve: () => void } | undefined;
  const tell = (text: string): void => {
    told.push(text);
    if (wanted?.isThere() === true) wanted.resolve();
  };
  const until = async (isThere: () => boolean): Promise<string[]> => {
    if (isThere()) return told;
    const { promise, resolve } = Promise.withResolvers<void>();
    wanted = { isThere, resolve };
    await promise;
    return told;
  };
  const outbox = new Outbox<string>({
    keep,
    random: () => 1,
    onEnd: (end, why) => tell(why === '' ? end : `${end}: ${why}`),
    clock: {
      nowMs: () => nowMs,
      wait: async (ms) => {
        await Promise.resolve();
        nowMs += ms;
        tell(`wait ${ms}`);
      },
    },
    send: async (item) => {
      tell(item);
      await nextTurn();
      return answers.shift() ?? DELIVERED;
    },
  });
  return {
    outbox,
    told,
    /** Resolves with what was told, once there is so much. */
    first: (count: number) => until(() => told.length >= count),
    last: (text: string) => until(() => told.at(-1) === text),
  };
}

test('of one lane only the newest is sent, where it keeps the newest', async () => {
  const { outbox, first } = lab('newest');
  outbox.put('a', 'a1');
  await first(1);
  for (const item of ['a2', 'a3']) outbox.put('a', item);
  outbox.put('b', 'b1');
  expect(await first(6)).toEqual(['a1', 'delivered', 'b1', 'delivered', 'a3', 'delivered']);
});

test('what failed is not tried again where a newer one came meanwhile', async () => {
  const { outbox, first } = lab('newest', [FAILED]);
  outbox.put('a', 'a1');
  await first(1);
  outbox.put('a', 'a2');
  expect(await first(4)).toEqual(['a1', 'wait 1000', 'a2', 'delivered']);
});

test('a lane keeps its order while it fails, and the others go on', async () => {
  const { outbox, first } = lab('all', [FAILED, DELIVERED, FAILED, REFUSED]);
  for (const item of ['a1', 'a2']) outbox.put('a', item);
  outbox.put('b', 'b1');
  expect(await first(10)).toEqual([
    ...['a1', 'b1', 'delivered', 'wait 1000', 'a1', 'wait 2000'],
    ...['a1', 'refused: status 422', 'a2', 'delivered'],
  ]);
});

test('a server that asks for a pause gets it from all lanes', async () => {
  const { outbox, first } = lab('all', [PAUSE]);
  outbox.put('a', 'a1');
  outbox.put('b', 'b1');
  expect(await first(6)).toEqual(['a1', 'wait 7000', 'b1', 'delivered', 'a1', 'delivered']);
});

test('a server that is down is asked less and less often, by one lane at a time', async () => {
  const { outbox, first } = lab('all', [FAILED, FAILED, FAILED, FAILED, FAILED]);
  for (const lane of ['a', 'b', 'c']) outbox.put(lane, `${lane}1`);
  expect((await first(12)).slice(0, 9)).toEqual([
    ...['a1', 'b1', 'c1', 'wait 1000', 'a1', 'wait 2000', 'b1', 'wait 4000', 'c1'],
  ]);
});

test('what nobody took for a day is dropped', async () => {
  const { outbox, last } = lab(
    'all',
    Array.from({ length: 1_000 }, () => FAILED),
  );
  outbox.put('a', 'a1');
  const told = await last('dropped: status 503');
  const waitedMs = told.map((text) => (text.startsWith('wait ') ? Number(text.slice(5)) : 0));
  expect(waitedMs.reduce((sum, ms) => sum + ms)).toBeGreaterThan(86_400_000);
  expect(new Set(waitedMs.slice(-20))).toEqual(new Set([0, 300_000]));
});

test('where too many wait the first is dropped', async () => {
  const { outbox, first } = lab('all');
  outbox.put('a', 'a0');
  await first(1);
  for (let index = 1; index <= 1_001; index += 1) outbox.put('a', `a${index}`);
  expect((await first(4)).slice(0, 4)).toEqual(['a0', 'dropped: more than 1000 wait', 'delivered', 'a2']);
});

test('at the end everything that waits is tried once, also where the server had asked for a pause', async () => {
  const { outbox, told } = lab('all', [FAILED, FAILED]);
  outbox.put('a', 'a1');
  outbox.put('a', 'a2');
  await outbox.close(1_000);
  outbox.put('a', 'a3');
  expect(told).toEqual(['a1', 'left: status 503', 'a2', 'left: status 503', 'left: the process ends']);
});

test('the end waits for no server that does not answer', async () => {
  const ends: string[] = [];
  const outbox = new Outbox<string>({
    keep: 'all',
    random: () => 1,
    onEnd: (end) => ends.push(end),
    clock: { nowMs: () => 0, wait: () => Promise.resolve() },
    send: (_item, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(FAILED), { once: true })),
  });
  for (const item of ['a1', 'a2']) outbox.put('a', item);
  await outbox.close(0);
  expect(ends).toEqual(['left', 'left']);
});
