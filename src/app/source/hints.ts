/** What tells the source that there may be something new. */
export interface Hints {
  /** Fetches at once, or, where one was begun within the spacing, once at its end for all hints until then. */
  readonly hint: () => void;
  /** When the last hint came, in milliseconds since 1970. */
  readonly hintedAtMs: () => number | undefined;
  readonly close: () => void;
}

interface HintPorts {
  readonly fetch: () => Promise<unknown>;
  /** Of a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
}

/** A thousand pushes in a minute are thirty fetches; a single one is not delayed. */
export const HINT_SPACING_MS = 2_000;

export function createHints({ fetch, monotonicMs, nowMs }: HintPorts): Hints {
  let startedMs = Number.NEGATIVE_INFINITY;
  let hintedAtMs: number | undefined;
  let waiting: NodeJS.Timeout | undefined;
  const begin = () => {
    waiting = undefined;
    startedMs = monotonicMs();
    // What went wrong is told by the watch.
    fetch().catch(() => undefined);
  };
  return {
    hint: () => {
      hintedAtMs = nowMs();
      if (waiting !== undefined) return;
      const leftMs = startedMs + HINT_SPACING_MS - monotonicMs();
      if (leftMs <= 0) begin();
      else waiting = setTimeout(begin, leftMs);
    },
    hintedAtMs: () => hintedAtMs,
    close: () => clearTimeout(waiting),
  };
}
