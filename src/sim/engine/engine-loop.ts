import { assert } from '../../core/base/assert.ts';
import type { Clock } from '../clock.ts';
import { addSequence, type Batch, type BatchLimits, createBatch, type NewSequence, removeSequence } from './batch.ts';
import { finishStep, planStep, type Step, type TokenEvent } from './batch-step.ts';
import { createEngineMetrics, type EngineMetrics, recordFinish, recordToken } from './engine-metrics.ts';
import type { Speed } from './speed.ts';

/** A sequence to run, how its answer will end, and who hears of its tokens. */
export interface Submission extends Omit<NewSequence, 'id' | 'arrivedMs'> {
  readonly finish: 'stop' | 'length';
  readonly onToken: (event: TokenEvent) => void;
}

/** Steps caught up in one go before the sockets are served again. */
const STEPS_PER_WAKE_MAX = 64;
/** A machine that falls further behind than this is slower than the GPU it simulates: the lost time is let go. */
const LAG_MS_MAX = 1_000;

interface Follower {
  readonly submission: Submission;
  readonly arrivedMs: number;
  lastTokenMs: number | undefined;
}

/** Runs a batch against a clock: a step begins when the one before it ends, and at once after a pause. */
export class EngineLoop {
  readonly batch: Batch;
  readonly metrics: EngineMetrics = createEngineMetrics();
  readonly #clock: Clock;
  readonly #followers = new Map<number, Follower>();
  readonly #idleWaiters: (() => void)[] = [];
  #lastId = 0;
  #current: { readonly step: Step; readonly endMs: number } | undefined;
  #cancelWake: (() => void) | undefined;

  constructor(limits: BatchLimits, speed: Speed, clock: Clock) {
    this.batch = createBatch(limits, speed);
    this.#clock = clock;
  }

  /** Queues a sequence and returns its id; its tokens follow, each in a call of its own, none before this returns. */
  submit(submission: Submission): number {
    this.#lastId += 1;
    const id = this.#lastId;
    const nowMs = this.#clock.nowMs();
    this.#followers.set(id, { submission, arrivedMs: nowMs, lastTokenMs: undefined });
    addSequence(this.batch, { ...submission, id, arrivedMs: nowMs });
    if (this.#current === undefined) this.#begin(nowMs);
    return id;
  }

  /** Ends a sequence that nobody waits for; nothing happens when it has ended already. */
  abort(id: number): void {
    const follower = this.#followers.get(id);
    if (follower === undefined) return;
    this.#followers.delete(id);
    removeSequence(this.batch, id);
    recordFinish(this.metrics, 'abort', this.#clock.nowMs() - follower.arrivedMs);
    this.#tellIdle();
  }

  /** Resolves once no sequence runs or waits. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#tellIdle();
    });
  }

  /** Stops for good: no token follows. */
  stop(): void {
    this.#cancelWake?.();
    this.#followers.clear();
    this.#tellIdle();
  }

  #begin(startMs: number): void {
    const step = planStep(this.batch);
    this.#current = step === undefined ? undefined : { step, endMs: startMs + step.durationMs };
    if (this.#current !== undefined) this.#wakeAt(this.#current.endMs);
  }

  #wakeAt(atMs: number): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#clock.after(atMs - this.#clock.nowMs(), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#clock.nowMs();
    for (let steps = 0; steps < STEPS_PER_WAKE_MAX; steps += 1) {
      if (this.#current === undefined || this.#current.endMs > nowMs) break;
      this.#finish(this.#current.step, this.#current.endMs, nowMs);
    }
    if (this.#current !== undefined) this.#wakeAt(this.#current.endMs);
    this.#tellIdle();
  }

  #finish(step: Step, endMs: number, nowMs: number): void {
    const events = finishStep(this.batch, step);
    const next = planStep(this.batch);
    const startMs = Math.max(endMs, nowMs - LAG_MS_MAX);
    this.#current = next === undefined ? undefined : { step: next, endMs: startMs + next.durationMs };
    for (const event of events) this.#deliver(event, endMs);
  }

  #deliver(event: TokenEvent, atMs: number): void {
    const follower = this.#followers.get(event.id);
    // The listener of an earlier token of this step may have aborted this sequence.
    if (follower === undefined) return;
    const { submission, arrivedMs, lastTokenMs } = follower;
    assert((lastTokenMs === undefined) === (event.index === 0), 'tokens come in order');
    recordToken(this.metrics, { atMs, arrivedMs, previousMs: lastTokenMs, promptTokens: submission.promptTokens });
    follower.lastTokenMs = atMs;
    if (event.last) {
      this.#followers.delete(event.id);
      recordFinish(this.metrics, submission.finish, atMs - arrivedMs);
    }
    submission.onToken(event);
  }

  #tellIdle(): void {
    if (this.#followers.size > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
