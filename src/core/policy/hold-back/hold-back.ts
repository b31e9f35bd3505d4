import { assert } from '../../base/assert.ts';
import type { Finding } from '../finding.ts';
import { acceptVerdict } from './accept-verdict.ts';
import { growChannel } from './channel.ts';
import { holdEvent } from './held-event.ts';
import { releaseEvents } from './release-events.ts';
import { splitEvents } from './sse-events.ts';
import type { HoldBack, HoldBackEnd } from './state.ts';

export interface HoldBackStep<Denial> {
  readonly state: HoldBack<Denial>;
  /** Whole events that may leave now. */
  readonly emit: Uint8Array;
}

/**
 * The most that is held of one answer: the longest match in tokens of one character each, 200 bytes of frame around
 * every one. A buffered answer of half a million characters fits as well.
 */
const HELD_BYTES_MAX = 4 * 1024 * 1024;
const CHANNELS_MAX = 1_000;
/** An answer with more findings than this is cut: every one of them asks all policies again. */
const FINDINGS_MAX = 500;

/**
 * Takes the next bytes of a streamed answer (server-sent events of an OpenAI chat completion), cut anywhere, and gives
 * the events that may leave. Each keeps its bytes unless a redaction falls on it. However the bytes are cut, the client
 * sees the same texts, and nothing of a span that a guardrail blocks or redacts. `isComplete` marks the last bytes.
 */
export function stepHoldBack<Denial>(
  before: HoldBack<Denial>,
  bytes: Uint8Array,
  isComplete: boolean,
): HoldBackStep<Denial> {
  if (before.end !== undefined) return { state: before, emit: new Uint8Array(0) };
  const split = splitEvents(joined([before.rest, bytes]), before.lineStart, isComplete);
  let state: HoldBack<Denial> = { ...before, rest: split.rest, lineStart: split.lineStart };
  if (!state.isJudged) state = { ...acceptVerdict(state, []), isJudged: true };
  for (const event of split.events) {
    if (state.end === undefined) state = withFindings(...holdEvent(state, event));
  }
  if (isComplete && state.end === undefined) state = completed(state);
  if (state.end === undefined) state = withinLimits(state);
  if (state.end !== undefined) return ended(state);
  const released = releaseEvents(state, isComplete);
  const end: HoldBackEnd<Denial> | undefined = isComplete ? { kind: 'whole' } : undefined;
  assert(!isComplete || released.state.held.length === 0, 'a complete answer holds nothing back');
  return { state: { ...released.state, end }, emit: joined(released.events) };
}

function ended<Denial>(state: HoldBack<Denial>): HoldBackStep<Denial> {
  return { state: { ...state, held: [], rest: new Uint8Array(0), lineStart: 0 }, emit: new Uint8Array(0) };
}

function withFindings<Denial>(state: HoldBack<Denial>, found: readonly Finding[]): HoldBack<Denial> {
  if (found.length === 0) return state;
  const findings = [...state.findings, ...found];
  if (findings.length > FINDINGS_MAX) return unjudged(state, `more than ${FINDINGS_MAX} findings in one answer`);
  return acceptVerdict({ ...state, findings }, []);
}

/** Nothing is still to come: whatever was open is decided, and a buffered answer is judged as a whole. */
function completed<Denial>(before: HoldBack<Denial>): HoldBack<Denial> {
  const channels = new Map(before.channels);
  const found: Finding[] = [];
  for (const [ptr, channel] of channels) {
    const grown = growChannel(channel, '', before.rules.detectors, true);
    channels.set(ptr, grown.channel);
    found.push(...grown.findings);
  }
  const state = withFindings({ ...before, channels }, found);
  if (state.end !== undefined || state.rules.mode === 'hold') return state;
  const texts = [...channels.values()].map(({ ptr, choice, window }) => ({
    ptr,
    role: 'assistant',
    message: choice,
    text: window,
  }));
  return acceptVerdict(state, texts);
}

function withinLimits<Denial>(state: HoldBack<Denial>): HoldBack<Denial> {
  let bytes = state.rest.length;
  for (const event of state.held) bytes += event.bytes.length;
  if (bytes > HELD_BYTES_MAX) return unjudged(state, `more than ${HELD_BYTES_MAX} bytes would have to be held`);
  if (state.channels.size > CHANNELS_MAX) return unjudged(state, `more than ${CHANNELS_MAX} texts in one answer`);
  return state;
}

function unjudged<Denial>(state: HoldBack<Denial>, message: string): HoldBack<Denial> {
  return { ...state, end: { kind: 'unjudged', message } };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first, second] = parts.filter((part) => part.length > 0);
  if (first === undefined || second === undefined) return first ?? new Uint8Array(0);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
