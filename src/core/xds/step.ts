import { assert, unreachable } from '../base/assert.ts';
import { takeAnswer } from './answer.ts';
import { draftOf } from './draft.ts';
import { RESUME_MS } from './gate.ts';
import { push } from './push.ts';
import { doubtNames, firstRequest, laterRequest, type Subscribed } from './request.ts';
import { settle } from './settlement.ts';
import { NO_RESOURCES, type Snapshot } from './snapshot.ts';
import type { Closing, DeltaRequest, Doubts, OpenStream, Report, StepResult, Stream, StreamEvent } from './stream.ts';

/** Types that one stream may ask for: Envoy knows about a dozen. */
const TYPES_MAX = 64;

/** Names that one stream may ask for in one type, ten times what a large proxy uses. */
const NAMES_MAX = 100_000;

/** Longest name: Envoy and the compiler stay far below it. */
const NAME_CHARACTERS_MAX = 4_096;

/**
 * One step of an ADS stream (xDS protocol, delta variant): what happened, in; what to send and to report, out.
 * - a request changes the subscription of its type and may acknowledge or reject one of our responses
 * - resumed tells what an earlier stream of the same proxy left open
 * - a snapshot replaces what the proxy shall hold; equal content sends nothing
 * - a tick lets waiting end: call it at `wakeAtMs`
 *
 * `nowMs` is a monotonic clock. A stream without a snapshot is held open and sent nothing. A result with `closing`
 * ends the call with that status.
 */
export function step(stream: Stream, event: StreamEvent, nowMs: number): StepResult {
  if (stream.kind === 'closed') return { stream, replies: [], reports: [] };
  switch (event.kind) {
    case 'closed':
      return { stream: { kind: 'closed' }, replies: [], reports: [] };
    case 'tick':
      return advance(stream, [], nowMs);
    case 'resumed':
      return { stream: withDoubts(stream, event.doubts), replies: [], reports: [] };
    case 'snapshot':
      return takeSnapshot(stream, event.snapshot, nowMs);
    case 'request':
      return takeRequest(stream, event.request, nowMs);
    default:
      return unreachable(event);
  }
}

function takeSnapshot(stream: OpenStream, snapshot: Snapshot, nowMs: number): StepResult {
  for (const [typeUrl, state] of stream.types) {
    const floor = snapshot.types.get(typeUrl)?.floor ?? 0;
    if (state.sequence > 0 && state.sequence < floor) {
      return close({ code: 'unavailable', message: 'the stream is too far behind: connect again' });
    }
  }
  return advance({ ...stream, snapshot, settledSinceMs: undefined }, [], nowMs);
}

function takeRequest(before: OpenStream, request: DeltaRequest, nowMs: number): StepResult {
  const fault = requestFault(before, request);
  if (fault !== undefined) return close(fault);
  const reports: Report[] = [];
  let stream = before;
  if (stream.node === undefined && request.node !== undefined) {
    stream = { ...stream, node: request.node };
    reports.push({ kind: 'node-identified', node: request.node });
  }
  const { typeUrl } = request;
  const known = stream.types.get(typeUrl);
  const resumes = known === undefined && request.initialVersions.size > 0 && stream.resumingUntilMs === 0;
  if (resumes) stream = { ...stream, resumingUntilMs: nowMs + RESUME_MS };
  const time = { nowMs, generation: stream.snapshot?.generation ?? 0 };
  const answered = known === undefined ? undefined : takeAnswer(known, request, time);
  const type = stream.snapshot?.types.get(typeUrl) ?? NO_RESOURCES;
  const subscribed =
    answered === undefined ? firstSubscription(stream, request) : laterRequest(answered.state, request, type);
  if (subscribed.state.subscription.names.size > NAMES_MAX) {
    return close({ code: 'resource-exhausted', message: `more than ${NAMES_MAX} names in one type` });
  }
  if (answered?.report !== undefined) reports.push(answered.report);
  if (known === undefined || subscribed.asked.length + subscribed.left.length > 0) {
    reports.push({ kind: 'subscribed', typeUrl, asked: subscribed.asked, left: subscribed.left });
  }
  const types = new Map(stream.types).set(typeUrl, subscribed.state);
  const doubts = stream.snapshot === undefined ? stream.doubts : without(stream.doubts, typeUrl);
  return advance({ ...stream, types, doubts }, reports, nowMs);
}

function firstSubscription(stream: OpenStream, request: DeltaRequest): Subscribed {
  const subscribed = firstRequest(request);
  return { ...subscribed, state: doubtNames(subscribed.state, stream.doubts.get(request.typeUrl) ?? []) };
}

/** What was used up by a type's first request; before the first snapshot another stream may still need it. */
function without(doubts: Doubts, typeUrl: string): Doubts {
  if (!doubts.has(typeUrl)) return doubts;
  return new Map([...doubts].filter(([url]) => url !== typeUrl));
}

function withDoubts(stream: OpenStream, doubts: Doubts): OpenStream {
  assert(stream.snapshot === undefined, 'doubts come before the first snapshot');
  const types = new Map([...stream.types].map(([url, state]) => [url, doubtNames(state, doubts.get(url) ?? [])]));
  return { ...stream, doubts, types };
}

function requestFault(stream: OpenStream, request: DeltaRequest): Closing | undefined {
  if (request.typeUrl === '') return { code: 'invalid-argument', message: 'type_url is required on this service' };
  if (stream.node === undefined && (request.node === undefined || request.node.id === '')) {
    return { code: 'invalid-argument', message: 'the first request of a stream must carry node.id' };
  }
  if (!stream.types.has(request.typeUrl) && stream.types.size >= TYPES_MAX) {
    return { code: 'resource-exhausted', message: `more than ${TYPES_MAX} types on one stream` };
  }
  if (request.subscribe.some((name) => name.length > NAME_CHARACTERS_MAX)) {
    return { code: 'invalid-argument', message: `a resource name is longer than ${NAME_CHARACTERS_MAX} characters` };
  }
  return undefined;
}

/** Sends what the new state allows. */
function advance(stream: OpenStream, reports: readonly Report[], nowMs: number): StepResult {
  if (stream.snapshot === undefined) return { stream, replies: [], reports };
  const draft = draftOf(stream, stream.snapshot, nowMs);
  push(draft);
  const { wakeAtMs, ...settlement } = settle(draft);
  return {
    stream: { ...stream, ...settlement, types: draft.states, doubts: draft.doubts, nonceCount: draft.nonceCount },
    replies: draft.replies,
    reports: [...reports, ...draft.reports],
    ...(wakeAtMs === undefined ? {} : { wakeAtMs }),
  };
}

function close(closing: Closing): StepResult {
  return { stream: { kind: 'closed' }, replies: [], reports: [], closing };
}
