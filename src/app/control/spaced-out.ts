/** The share of a core that goes into the work at most: one part in five. */
const PAUSE_FACTOR = 4;
/** A piece that offered something to thousands took long once: those that answer it are not kept waiting for that. */
const PAUSE_MS_MAX = 20;

/**
 * Does a piece of work once for all calls of a turn, in the next one, and leaves a pause that grows with what the last
 * piece took: thousands of proxies that answer at the same time are not counted thousands of times.
 */
export function spacedOut(work: () => void): () => void {
  let isDue = false;
  let pauseMs = 0;
  const run = (): void => {
    isDue = false;
    const startedMs = performance.now();
    work();
    pauseMs = Math.min(PAUSE_MS_MAX, Math.floor((performance.now() - startedMs) * PAUSE_FACTOR));
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (pauseMs === 0) setImmediate(run);
    else setTimeout(run, pauseMs).unref();
  };
}
