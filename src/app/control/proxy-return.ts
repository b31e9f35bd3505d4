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

/**
 * @param isWaiting whether proxies were here before this process started
 * @param onEnd called when none is expected any more
 */
export function waitForReturn(isWaiting: boolean, onEnd: () => void): ProxyReturn {
  let ended = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
    ended.resolve();
  };
  const restart = (): void => {
    if (isClosed) return;
    if (timer === undefined) ended = Promise.withResolvers();
    clearTimeout(timer);
    timer = setTimeout(() => {
      end();
      onEnd();
    }, RETURN_MS);
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
