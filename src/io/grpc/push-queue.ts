import type { Snapshot } from '../../core/xds/snapshot.ts';

/** A call that is offered something. */
export interface QueuedCall {
  /** Whether the system has not taken all that was written. */
  readonly isWriting: boolean;
  /** Takes what it was offered last. */
  takeOffer(): void;
}

/** Calls that are written to at one time: more would hold memory, and keep answers and other fleets waiting. */
const WRITING_MAX = 128;

/** A call that has not taken its bytes in this time gives its place to others; they are sent when it reads again. */
const STALLED_MS = 100;

/** Calls that wait for the same snapshot, oldest first. A walk that goes on is not slowed by those that are gone. */
interface Waiting {
  readonly calls: Set<QueuedCall>;
  readonly walk: Iterator<QueuedCall>;
}

type Lane = Map<Snapshot, Waiting>;

/**
 * Offers of new snapshots, so many calls at one time (row F2). Each snapshot is one fleet's, or one group's of a fleet:
 * they take turns. Snapshots in which only endpoints or secrets changed go first.
 */
export class PushQueue {
  readonly #urgent: Lane = new Map();
  readonly #usual: Lane = new Map();
  /** Calls that are being written to, and since when. */
  readonly #writing = new Map<QueuedCall, number>();
  #timer: NodeJS.Timeout | undefined;

  add(call: QueuedCall, snapshot: Snapshot, isUrgent: boolean): void {
    const lane = isUrgent ? this.#urgent : this.#usual;
    const waiting = lane.get(snapshot);
    if (waiting === undefined) lane.set(snapshot, waitingCalls(call));
    else waiting.calls.add(call);
    this.#run();
  }

  /** What was written to a call is taken. */
  flushed(call: QueuedCall): void {
    if (this.#writing.delete(call)) this.#run();
  }

  #run(): void {
    while (this.#writing.size < WRITING_MAX) {
      const call = next(this.#urgent) ?? next(this.#usual);
      if (call === undefined) return;
      // One that has not taken what came before is slow already, and must not cost the others a place each time.
      const isSlow = call.isWriting;
      call.takeOffer();
      if (call.isWriting && !isSlow) this.#writing.set(call, performance.now());
    }
    this.#timer ??= setTimeout(() => this.#passStalled(), STALLED_MS).unref();
  }

  #passStalled(): void {
    this.#timer = undefined;
    const before = performance.now() - STALLED_MS;
    for (const [call, sinceMs] of this.#writing) if (sinceMs <= before) this.#writing.delete(call);
    this.#run();
  }
}

function waitingCalls(first: QueuedCall): Waiting {
  const calls = new Set([first]);
  return { calls, walk: calls.values() };
}

/** The next call of the snapshot whose turn it is; the snapshot then stands last. */
function next(lane: Lane): QueuedCall | undefined {
  for (const [snapshot, waiting] of lane) {
    lane.delete(snapshot);
    const { value: call } = waiting.walk.next();
    if (call === undefined) continue;
    waiting.calls.delete(call);
    if (waiting.calls.size > 0) lane.set(snapshot, waiting);
    return call;
  }
  return undefined;
}
