import { commonRequest } from './common-request.ts';
import { step } from './step.ts';
import type { OpenStream, StepResult, Stream, StreamEvent } from './stream.ts';

/** Steps taken lately. */
export interface StepMemory {
  readonly steps: Map<OpenStream, Taken[]>;
  count: number;
}

interface Taken {
  readonly event: StreamEvent;
  readonly nowMs: number;
  readonly isTimeless: boolean;
  readonly result: StepResult;
}

/** What a fleet does between two publications: a few paths of a dozen steps. Each may hold a snapshot in memory. */
const STEPS_MAX = 256;

export function newStepMemory(): StepMemory {
  return { steps: new Map(), count: 0 };
}

/** Forgets all steps, and with them what only they hold: call it when there is something new for many streams. */
export function forgetSteps(memory: StepMemory): void {
  memory.steps.clear();
  memory.count = 0;
}

/**
 * `step`, worked out once for streams and events that are the same objects: a thousand proxies that are current are one
 * value (`canonical`), so a change costs each of them a look. The result is exactly that of `step`, at this time.
 */
export function sharedStep(memory: StepMemory, stream: Stream, given: StreamEvent, nowMs: number): StepResult {
  const event = stream.kind === 'closed' ? undefined : commonEvent(stream, given);
  if (stream.kind === 'closed' || event === undefined) return step(stream, given, nowMs);
  const taken = memory.steps.get(stream);
  const known = taken?.find((each) => isSame(each.event, event) && (each.isTimeless || each.nowMs === nowMs));
  if (known !== undefined) return known.result;
  const result = step(stream, event, nowMs);
  if (memory.count >= STEPS_MAX) forgetSteps(memory);
  const entry: Taken = { event, nowMs, isTimeless: isTimeless(stream, result), result };
  if (taken === undefined || memory.count === 0) memory.steps.set(stream, [entry]);
  else taken.push(entry);
  memory.count += 1;
  return result;
}

/** The event as many streams see it; undefined where it is a matter of this stream alone. */
function commonEvent(stream: OpenStream, event: StreamEvent): StreamEvent | undefined {
  if (event.kind === 'tick' || event.kind === 'resumed') return undefined;
  if (event.kind !== 'request' || event.request.initialVersions.size === 0) return event;
  return commonRequest(stream, event.request);
}

/** Snapshots are shared; requests are where equal bytes were read once. */
function isSame(left: StreamEvent, right: StreamEvent): boolean {
  return left === right || (left.kind === 'snapshot' && right.kind === 'snapshot' && left.snapshot === right.snapshot);
}

/** Whether the step would have had the same result at any time: it sent nothing, and waits for no time. */
function isTimeless(before: OpenStream, { stream, replies, reports, wakeAtMs }: StepResult): boolean {
  if (stream.kind === 'closed' || replies.length > 0 || wakeAtMs !== undefined) return false;
  if (stream.resumingUntilMs > 1 || reports.some((report) => report.kind === 'rejected')) return false;
  return stream.settledSinceMs === undefined || stream.settledSinceMs === before.settledSinceMs;
}
