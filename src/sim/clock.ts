/** Time as an argument: the machine's in a server, a test's own in a test. */
export interface Clock {
  /** Milliseconds that only ever rise. */
  nowMs(): number;
  /** Runs the action once, that much later; the result of `after` takes it back. */
  after(delayMs: number, action: () => void): () => void;
}

/** The time of this machine. A delay of zero still waits for the sockets to be served. */
export const machineClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, action) {
    if (delayMs <= 0) {
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
