import { HEALTH_INTERVAL_MS } from '../../core/envoy/decider-clusters.ts';

/** Proxies that hear nothing of the control plane find out by their next health check, jitter and all. */
const LEAVE_MS_MIN = 1.5 * HEALTH_INTERVAL_MS;
/** As long without a new exchange: nobody comes any more. */
const QUIET_MS = 1_000;
/** A proxy that comes after this did not hear, and will ask another one when it is refused here. */
const LEAVE_MS_MAX = 10_000;
const LOOK_MS = 100;

/** Resolves when proxies send nothing new to a process that told them, by its health and by the control plane. */
export async function proxiesLeft(exchangesOpened: () => number, nowMs: () => number): Promise<void> {
  const startedMs = nowMs();
  let quietSinceMs = startedMs;
  let opened = exchangesOpened();
  while (nowMs() - startedMs < LEAVE_MS_MAX) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (exchangesOpened() !== opened) quietSinceMs = nowMs();
    opened = exchangesOpened();
    if (nowMs() - startedMs >= LEAVE_MS_MIN && nowMs() - quietSinceMs >= QUIET_MS) return;
  }
}
