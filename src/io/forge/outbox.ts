import type { Delivery } from './delivery.ts';

export interface OutboxOptions<Item> {
  readonly send: (item: Item, signal: AbortSignal) => Promise<Delivery>;
  /** Whether a lane keeps only what was put into it last, or everything in its order. */
  readonly keep: 'newest' | 'all';
  /** What came to an end, and why; for the log. */
  readonly onEnd: (end: OutboxEnd, why: string, item: Item) => void;
  readonly clock: OutboxClock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** `dropped`: no room, or too old; `left`: the process ends, and nobody tried it for long enough. */
export type OutboxEnd = 'delivered' | 'refused' | 'dropped' | 'left';

export interface OutboxClock {
  readonly nowMs: () => number;
  /** Resolves after that time, or at once when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Entry<Item> {
  readonly item: Item;
  readonly putAtMs: number;
  attempts: number;
}

interface Lane<Item> {
  readonly entries: Entry<Item>[];
  notBeforeMs: number;
}

/** Statuses of a hundred commits in ten fleets; two megabytes of events. */
const WAITING_MAX = 1_000;
/** After a day nobody waits for it any more. */
const AGE_MS_MAX = 86_400_000;
/** After so many in a row it is the server that is down, and not one item that it does not like. */
const DOWN_FAILURES = 3;
const BACK_OFF_MS_MIN = 1_000;
/** As seldom as a repository that is down is asked. */
const BACK_OFF_MS_MAX = 300_000;

/**
 * What is still to be told to one other server: by lanes, one request at a time. A lane that fails rests, longer each
 * time, and the others go on; a server that asks for a pause, or fails time after time, is left alone by all lanes. Nobody who
 * puts something in ever waits.
 */
export class Outbox<Item> {
  readonly #options: OutboxOptions<Item>;
  /** In the order in which their turns come. */
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #stopped = new AbortController();
  #woken = new AbortController();
  #restUntilMs = 0;
  /** In a row, of any lane. */
  #failures = 0;
  #waiting = 0;
  #isClosing = false;
  #running: Promise<void> | undefined;

  constructor(options: OutboxOptions<Item>) {
    this.#options = options;
  }

  /** How many wait, the one that is being sent left out. */
  get waiting(): number {
    return this.#waiting;
  }

  put(lane: string, item: Item): void {
    if (this.#isClosing) {
      this.#options.onEnd('left', 'the process ends', item);
      return;
    }
    const known = this.#lanes.get(lane) ?? { entries: [], notBeforeMs: 0 };
    if (this.#options.keep === 'newest') this.#waiting -= known.entries.splice(0).length;
    known.entries.push({ item, putAtMs: this.#options.clock.nowMs(), attempts: 0 });
    this.#waiting += 1;
    this.#lanes.set(lane, known);
    if (this.#waiting > WAITING_MAX) this.#dropFirst();
    this.#woken.abort();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Tries once more what waits, for so long at the most; what is left is dropped. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#woken.abort();
    const timer = setTimeout(() => this.#stopped.abort(), graceMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    for (let name = this.#next(); name !== undefined; name = this.#next()) {
      await this.#rest(name);
      const lane = this.#lanes.get(name);
      const entry = lane?.entries[0];
      // While it rested another lane may have come whose turn is sooner.
      if (
        lane === undefined ||
        entry === undefined ||
        (!this.#isClosing && this.#dueMs(lane) > this.#options.clock.nowMs())
      )
        continue;
      if (this.#stopped.signal.aborted) this.#dropFirst();
      else await this.#sendFirst(name, lane, entry);
    }
  }

  /** The lane whose turn it is. */
  #next(): string | undefined {
    let next: string | undefined;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const [name, lane] of this.#lanes) {
      if (lane.notBeforeMs >= soonestMs) continue;
      next = name;
      soonestMs = lane.notBeforeMs;
    }
    return next;
  }

  #dueMs(lane: Lane<Item>): number {
    return Math.max(lane.notBeforeMs, this.#restUntilMs);
  }

  async #rest(name: string): Promise<void> {
    const lane = this.#lanes.get(name);
    const waitMs = (lane === undefined ? 0 : this.#dueMs(lane)) - this.#options.clock.nowMs();
    if (waitMs <= 0 || this.#isClosing) return;
    this.#woken = new AbortController();
    await this.#options.clock.wait(waitMs, this.#woken.signal);
  }

  async #sendFirst(name: string, lane: Lane<Item>, entry: Entry<Item>): Promise<void> {
    lane.entries.shift();
    this.#waiting -= 1;
    const delivery = await this.#options.send(entry.item, this.#stopped.signal);
    entry.attempts += 1;
    // To the end of the line.
    this.#lanes.delete(name);
    if (delivery.kind === 'failed') this.#failed(lane, entry, delivery);
    else {
      lane.notBeforeMs = 0;
      this.#restUntilMs = 0;
      this.#failures = 0;
      this.#options.onEnd(delivery.kind, delivery.kind === 'refused' ? delivery.why : '', entry.item);
    }
    if (lane.entries.length > 0) this.#lanes.set(name, lane);
  }

  #failed(lane: Lane<Item>, entry: Entry<Item>, { why, retryAfterMs }: Delivery & { kind: 'failed' }): void {
    const { clock, random, keep, onEnd } = this.#options;
    const nowMs = clock.nowMs();
    this.#failures += 1;
    lane.notBeforeMs = nowMs + backOffMs(entry.attempts) * (0.5 + random() / 2);
    const isDown = this.#failures >= DOWN_FAILURES;
    const restMs = Math.max(retryAfterMs ?? 0, isDown ? backOffMs(this.#failures - DOWN_FAILURES + 1) : 0);
    this.#restUntilMs = nowMs + restMs;
    // A newer one came meanwhile: it alone is sent.
    if (keep === 'newest' && lane.entries.length > 0) return;
    if (this.#isClosing || nowMs - entry.putAtMs > AGE_MS_MAX) {
      onEnd(this.#isClosing ? 'left' : 'dropped', why, entry.item);
      return;
    }
    lane.entries.unshift(entry);
    this.#waiting += 1;
  }

  #dropFirst(): void {
    const [first] = this.#lanes;
    if (first === undefined) return;
    const [name, lane] = first;
    const entry = lane.entries.shift();
    this.#waiting -= 1;
    if (lane.entries.length === 0) this.#lanes.delete(name);
    if (entry === undefined) return;
    if (this.#isClosing) this.#options.onEnd('left', 'the process ends', entry.item);
    else this.#options.onEnd('dropped', `more than ${WAITING_MAX} wait`, entry.item);
  }
}

/** @param failures at least one */
function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(failures - 1, 20));
}
