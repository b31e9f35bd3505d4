import { setTimeout as sleep } from 'node:timers/promises';

/** What was waited for did not come about; the message says what, and what was seen last. */
class WaitedInVain extends Error {
  override readonly name = 'WaitedInVain';
  readonly code = 'waited-in-vain';
}

/** On a machine with two cores, under load, everything that is waited for here takes well under this. */
const DEADLINE_MS = 30_000;
/** Short beside what is waited for, long beside what a look costs. */
const INTERVAL_MS = 25;

/** Looks again and again until `probe` gives something; gives that, or throws WaitedInVain at the deadline. */
export async function waitUntil<Found>(
  what: string,
  probe: () => Found | undefined | Promise<Found | undefined>,
  deadlineMs = DEADLINE_MS,
): Promise<Found> {
  const endMs = performance.now() + deadlineMs;
  while (performance.now() < endMs) {
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(INTERVAL_MS);
  }
  throw new WaitedInVain(`waited ${deadlineMs / 1_000} s in vain: ${what}`);
}
