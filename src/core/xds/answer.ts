import { accepted } from './full-state.ts';
import { namesAtFault, safeNackText } from './nack-text.ts';
import type { Report, XdsRequest } from './stream.ts';
import { isSubscribed } from './subscription.ts';
import { type Pending, type Refusal, type TypeState, UNKNOWN } from './type-state.ts';

/** A type's state after a request's answer to one of our responses. A nonce that is not out changes nothing. */
export interface Answered {
  readonly state: TypeState;
  readonly report: Report | undefined;
}

/** When an answer came: at what time, and under which snapshot. */
export interface AnswerTime {
  readonly nowMs: number;
  /** That of the current snapshot. */
  readonly generation: number;
}

/** Takes the answer out of a request. A rejection is told by the presence of error_detail, never by versions. */
export function takeAnswer(state: TypeState, request: XdsRequest, time: AnswerTime): Answered {
  const pending = state.pending.find((response) => response.nonce === request.nonce);
  if (pending === undefined) return { state, report: undefined };
  const rest = { ...state, pending: state.pending.filter((response) => response !== pending) };
  const { typeUrl, error } = request;
  return error === undefined ? acknowledge(rest, pending, typeUrl) : reject(rest, pending, { typeUrl, error }, time);
}

function acknowledge(before: TypeState, pending: Pending, typeUrl: string): Answered {
  const state = before.sotw === undefined ? before : { ...before, sotw: accepted(before.sotw, typeUrl, pending) };
  const report: Report = { kind: 'acknowledged', typeUrl, nonce: pending.nonce, revision: pending.revision };
  if (state.refused.size === 0) return { state: { ...state, acknowledged: pending.revision }, report };
  const refused = new Map(state.refused);
  for (const name of namesIn(pending)) refused.delete(name);
  return { state: { ...state, refused, acknowledged: pending.revision }, report };
}

/**
 * A rejection leaves it open what the client now holds of the response. The resources at fault are kept out until
 * their content changes. If no one is named, the response is sent again in halves, until one resource stands alone.
 * Names of the response that are no longer wanted differ from the snapshot as "unknown", so their removal is sent.
 * A response of removals alone is not repeated.
 */
function reject(
  state: TypeState,
  pending: Pending,
  { typeUrl, error }: { readonly typeUrl: string; readonly error: string },
  { nowMs, generation }: AnswerTime,
): Answered {
  const sentNames = pending.sent.map((resource) => resource.name);
  const named = namesAtFault(error, sentNames);
  const names = named.length === 0 && sentNames.length === 1 ? sentNames : named;
  const isolating = names.length === 0 && sentNames.length > 1;
  const message = safeNackText(error, typeUrl);
  const { nonce, revision } = pending;
  return {
    state: {
      ...state,
      exceptions: pending.sent.length === 0 ? state.exceptions : unknownNames(state, pending),
      refused: refusals(state, pending, names, generation),
      suspects: isolating ? [...halves(sentNames), ...state.suspects] : state.suspects,
      rejection: { atMs: nowMs, revision, names, message },
    },
    report: { kind: 'rejected', typeUrl, nonce, revision, names, message, isolating },
  };
}

function unknownNames(state: TypeState, pending: Pending): TypeState['exceptions'] {
  const later = new Set(state.pending.filter((response) => isLater(response, pending)).flatMap(namesIn));
  const exceptions = new Map(state.exceptions);
  for (const name of namesIn(pending)) {
    if (!later.has(name) && isSubscribed(state.subscription, name)) exceptions.set(name, UNKNOWN);
  }
  return exceptions;
}

function refusals(
  state: TypeState,
  pending: Pending,
  names: readonly string[],
  generation: number,
): ReadonlyMap<string, Refusal> {
  const refused = new Map(state.refused);
  for (const { name, version } of pending.sent) {
    if (names.includes(name)) refused.set(name, { version, generation });
  }
  return refused;
}

function namesIn(pending: Pending): string[] {
  return [...pending.sent.map((resource) => resource.name), ...pending.removed];
}

function isLater(response: Pending, than: Pending): boolean {
  return Number(response.nonce) > Number(than.nonce);
}

function halves(names: readonly string[]): readonly (readonly string[])[] {
  const middle = Math.ceil(names.length / 2);
  return [names.slice(0, middle), names.slice(middle)];
}
