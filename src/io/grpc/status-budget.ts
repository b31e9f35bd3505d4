/**
 * What questions about clients may cost, in looks of some four microseconds: one for each node that is matched with a part
 * of the question, and one for each resource that is told. So many may come at once: 200 ms for which everybody waits.
 */
const LOOKS_MAX = 50_000;
/** And then in a second: the twentieth part of a core. */
const LOOKS_PER_SECOND = 12_500;

/** The looks that all callers have together. */
export class StatusBudget {
  readonly #nowMs: () => number;
  #left = LOOKS_MAX;
  #filledMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  /** False where it was too much: then nobody gets any for a second at most. */
  take(looks: number): boolean {
    const nowMs = this.#nowMs();
    const filled = this.#left + ((nowMs - this.#filledMs) * LOOKS_PER_SECOND) / 1_000;
    this.#left = Math.max(Math.min(LOOKS_MAX, filled) - looks, -LOOKS_PER_SECOND);
    this.#filledMs = nowMs;
    return this.#left >= 0;
  }
}
