import { expect, test } from 'vitest';
import { nextSnapshot, type Snapshot } from '../../core/xds/snapshot.ts';
import { PushQueue, type QueuedCall } from './push-queue.ts';

function snapshot(): Snapshot {
  return nextSnapshot(undefined, { revision: 'r1', resources: new Map() });
}

/** Calls that note their turns; those that are written to stay so until told. */
function calls(count: number, name: string, turns: string[]): (QueuedCall & { isWriting: boolean })[] {
  return Array.from({ length: count }, (_, index) => {
    const call = {
      isWriting: false,
      takeOffer() {
        call.isWriting = true;
        turns.push(`${name}${index}`);
      },
    };
    return call;
  });
}

test('F2: so many calls are written to at one time, then the fleets take turns, urgent ones first', () => {
  const queue = new PushQueue();
  const turns: string[] = [];
  const first = calls(128, 'first', turns);
  const fleets = { a: snapshot(), b: snapshot(), c: snapshot() };
  for (const call of first) queue.add(call, fleets.a, false);
  expect(turns).toHaveLength(128);
  for (const call of calls(2, 'a', turns)) queue.add(call, fleets.a, false);
  for (const call of calls(2, 'b', turns)) queue.add(call, fleets.b, false);
  for (const call of calls(1, 'urgent', turns)) queue.add(call, fleets.c, true);
  turns.length = 0;
  for (const call of first.slice(0, 5)) queue.flushed(call);
  expect(turns).toEqual(['urgent0', 'a0', 'b0', 'a1', 'b1']);
});

test('F2: calls that take nothing lose their places to those that wait', async () => {
  const queue = new PushQueue();
  const turns: string[] = [];
  const fleet = snapshot();
  for (const call of calls(128, 'stalled', turns)) queue.add(call, fleet, false);
  for (const call of calls(1, 'waiting', turns)) queue.add(call, fleet, false);
  await expect.poll(() => turns.at(-1)).toBe('waiting0');
});

test('F2: calls that have not taken what came before keep nobody waiting', () => {
  const queue = new PushQueue();
  const turns: string[] = [];
  const stalled = calls(200, 'stalled', turns);
  for (const call of stalled) call.isWriting = true;
  const fleet = snapshot();
  for (const call of [...stalled, ...calls(1, 'reading', turns)]) queue.add(call, fleet, false);
  expect(turns.at(-1)).toBe('reading0');
});
