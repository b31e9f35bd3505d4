import { assert, unreachable } from '../base/assert.ts';
import { takeAnswer } from './answer.ts';
import { canonical } from './canonical.ts';
import { draftOf } from './draft.ts';
import { RESUME_MS } from './gate.ts';
import { beat } from './heartbeat.ts';
import { push } from './push.ts';
import { doubtNames, type Subscribed } from './request.ts';
import { requestFault } from './request-fault.ts';
import { deltaReading, type RequestReading, sotwReading } from './request-reading.ts';
import { settle } from './settlement.ts';
import { NO_RESOURCES, type Snapshot } from './snapshot.ts';
import type { Closing, Doubts, OpenStream, Report, StepResult, Stream, StreamEvent } from './stream.ts';

/** Names that one stream may ask for in one type, ten times what a large proxy uses. */
const NAMES_MAX = 100_000;

/**
 * One step of a stream (xDS protocol, both variants): what happened, in; what to send and to report, out.
 * - identified comes before the first request, unless that has no node id
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
    case 'identified':
      return { stream: { ...stream, isIdentified: true, expires: event.expires }, replies: [], reports: [] };
    case 'tick':
      return advance(stream, [], nowMs);
    case 'resumed':
      return { stream: withDoubts(stream, event.doubts), replies: [], reports: [] };
    case 'snapshot':
      return takeSnapshot(stream, event.snapshot, nowMs);
    case 'withdrawn':
      return { stream: { ...stream, snapshot: undefined }, replies: [], reports: [] };
    case 'request':
      return takeRequest(stream, deltaReading(event.request), nowMs);
    case 'sotw-request':
      return takeRequest(stream, sotwReading(event.request), nowMs);
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

function takeRequest(stream: OpenStream, reading: RequestReading, nowMs: number): StepResult {
  const typeUrl = reading.request.typeUrl === '' ? (stream.channel.service ?? '') : reading.request.typeUrl;
  const request = { ...reading.request, typeUrl };
  const fault = requestFault(stream, request, reading.names);
  if (fault !== undefined) return close(fault);
  const reports: Report[] = [];
  const known = stream.types.get(typeUrl);
  if (known === undefined) {
    const subscribed = firstSubscription(stream, typeUrl, reading);
    return subscribe(resuming(stream, reading, nowMs), typeUrl, subscribed, { reports, nowMs });
  }
  if (reading.isStale(known)) return advance(stream, reports, nowMs);
  const time = { nowMs, generation: stream.snapshot?.generation ?? 0 };
  const { state, report } = takeAnswer(reading.answerable(known), request, time);
  if (report !== undefined) reports.push(report);
  const subscribed = reading.later(typeUrl, state, stream.snapshot?.types.get(typeUrl) ?? NO_RESOURCES);
  return subscribe(stream, typeUrl, subscribed, { reports, nowMs });
}

function subscribe(
  stream: OpenStream,
  typeUrl: string,
  { state, asked, left }: Subscribed,
  { reports, nowMs }: { readonly reports: Report[]; readonly nowMs: number },
): StepResult {
  if (state.subscription.names.size > NAMES_MAX) {
    return close({ code: 'resource-exhausted', message: `more than ${NAMES_MAX} names in one type` });
  }
  if (!stream.types.has(typeUrl) || asked.length + left.length > 0) {
    reports.push({ kind: 'subscribed', typeUrl, asked, left });
  }
  const types = new Map(stream.types).set(typeUrl, state);
  const doubts = stream.snapshot === undefined ? stream.doubts : without(stream.doubts, typeUrl);
  return advance({ ...stream, types, doubts }, reports, nowMs);
}

function firstSubscription(stream: OpenStream, typeUrl: string, reading: RequestReading): Subscribed {
  const subscribed = reading.first(typeUrl, stream.snapshot?.types.get(typeUrl) ?? NO_RESOURCES);
  return { ...subscribed, state: doubtNames(subscribed.state, stream.doubts.get(typeUrl) ?? [], reading.isListed) };
}

/** The first type of an aggregated stream that kept something: the others, which follow at once, are waited for. */
function resuming(stream: OpenStream, reading: RequestReading, nowMs: number): OpenStream {
  const resumes = reading.resumes && stream.channel.isOrdered && stream.resumingUntilMs === 0;
  return resumes ? { ...stream, resumingUntilMs: nowMs + RESUME_MS } : stream;
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

/** Sends what the new state allows. */
function advance(stream: OpenStream, reports: readonly Report[], nowMs: number): StepResult {
  if (stream.snapshot === undefined) return { stream, replies: [], reports };
  const draft = draftOf(stream, stream.snapshot, nowMs);
  push(draft);
  const { wakeAtMs: settledAtMs, ...settlement } = settle(draft);
  const beats = beat(draft);
  const wakeAtMs = earliest([settledAtMs, ...beats.values()]);
  const { snapshot } = stream;
  const { states: types, doubts, nonceCount } = draft;
  const next: OpenStream = { ...stream, ...settlement, types, doubts, nonceCount, beats };
  const isSettled = next.settledSinceMs !== undefined && next.announcedGeneration === snapshot.generation;
  return {
    stream: isSettled ? canonical(next, snapshot) : next,
    replies: draft.replies,
    reports: [...reports, ...draft.reports],
    ...(wakeAtMs === undefined ? {} : { wakeAtMs }),
  };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function close(closing: Closing): StepResult {
  return { stream: { kind: 'closed' }, replies: [], reports: [], closing };
}
