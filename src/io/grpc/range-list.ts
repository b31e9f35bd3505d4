const FIRST_SIZE = 1_024;

/** Starts and ends of parts of a message, in an array that grows and is used again. */
export class RangeList {
  #ranges = new Int32Array(FIRST_SIZE);
  #length = 0;

  /** The number of parts. */
  get size(): number {
    return this.#length / 2;
  }

  clear(): void {
    this.#length = 0;
    if (this.#ranges.length > KEPT_SIZE_MAX) this.#ranges = new Int32Array(FIRST_SIZE);
  }

  add(start: number, end: number): void {
    if (this.#length === this.#ranges.length) {
      const larger = new Int32Array(2 * this.#length);
      larger.set(this.#ranges);
      this.#ranges = larger;
    }
    this.#ranges[this.#length] = start;
    this.#ranges[this.#length + 1] = end;
    this.#length += 2;
  }

  /** Start and end of each part, in their order. */
  copy(): Int32Array {
    return this.#ranges.slice(0, this.#length);
  }
}

/** One request with more parts than most does not take memory for good. */
const KEPT_SIZE_MAX = 65_536;
