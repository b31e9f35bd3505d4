/** What tells the source that there may be something new. */
export interface Hints {
  /** Fetches at once, or, where one was begun within the spacing, once at its end for all hints until then. */
  readonly hint: () => void;
  readonly close: () => void;
}

interface HintPorts {
  readonly fetch: () => Promise<unknown>;
  readonly nowMs: () => number;
}

/** A thousand pushes in a minute are thirty fetches; a single one is not delayed. */
export const HINT_SPACING_MS = 2_000;

export function createHints({ fetch, nowMs }: HintPorts): Hints {
  let startedMs = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | undefined;
  const begin = () => {
    waiting = undefined;
    startedMs = nowMs();
    // What went wrong is told by the watch.
    fetch().catch(() => undefined);
  };
  return {
    hint: () => {
      if (waiting !== undefined) return;
      const leftMs = startedMs + HINT_SPACING_MS - nowMs();
      if (leftMs <= 0) begin();
      else waiting = setTimeout(begin, leftMs);
    },
    close: () => clearTimeout(waiting),
  };
}
