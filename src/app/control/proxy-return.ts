/** Whether proxies that went away may still come back. */
export interface ProxyReturn {
  readonly isWaiting: () => boolean;
  /** Resolves when the time is over; at once where it is not running. */
  readonly ended: () => Promise<void>;
  /** A proxy went away. */
  readonly restart: () => void;
  /** Nobody waits any more. */
  readonly close: () => void;
}

/** An Envoy that lost its stream comes back within the 5 s of its back-off, and then says what it holds. */
const RETURN_MS = 8_000;
/** One that comes and goes all the time, as one that crashes does, holds up nobody for longer. */
const RETURN_MS_MAX = 4 * RETURN_MS;

/**
 * @param isWaiting whether proxies were here before this process started
 * @param onEnd called when none is expected any more
 */
export function waitForReturn(isWaiting: boolean, onEnd: () => void): ProxyReturn {
  let ended = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let startedMs = 0;
  let isClosed = false;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
    ended.resolve();
  };
  const restart = (): void => {
    if (isClosed) return;
    const nowMs = performance.now();
    if (timer === undefined) {
      ended = Promise.withResolvers();
      startedMs = nowMs;
    }
    clearTimeout(timer);
    const waitMs = Math.min(RETURN_MS, Math.max(0, startedMs + RETURN_MS_MAX - nowMs));
    timer = setTimeout(() => {
      end();
      onEnd();
    }, waitMs);
    timer.unref();
  };
  if (isWaiting) restart();
  else ended.resolve();
  const close = (): void => {
    isClosed = true;
    end();
  };
  return { isWaiting: () => timer !== undefined, ended: () => ended.promise, restart, close };
}
