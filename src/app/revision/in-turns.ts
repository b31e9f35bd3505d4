import { setImmediate } from 'node:timers/promises';

/** No request waits for longer while thousands of files are read. */
const TURN_MS = 8;

/** Takes every step, and lets everything else go on meanwhile: requests, and the processes of opa. */
export async function inTurns<T>(steps: Iterable<T>, take: (step: T) => void = () => undefined): Promise<void> {
  let turnedMs = performance.now();
  for (const step of steps) {
    take(step);
    if (performance.now() - turnedMs < TURN_MS) continue;
    await setImmediate();
    turnedMs = performance.now();
  }
}
