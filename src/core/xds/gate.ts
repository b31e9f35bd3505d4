import type { OpenStream } from './stream.ts';
import type { Difference, TypeState } from './type-state.ts';
import { hasOrder, TYPE_URL, waitsFor } from './type-url.ts';

/**
 * How long a type waits for the acknowledgement of the types below it. Above the 3 s fetch timeout that our resources
 * carry: Envoy acknowledges clusters only when the last one is warm or its fetch timed out.
 */
export const GATE_TIMEOUT_MS = 5_000;

/** How long a reconnecting proxy may take to ask for all its types: they come in one burst. */
export const RESUME_MS = 1_000;

/**
 * Whether additions and changes of a type may be sent.
 * - open: yes; `expired` names the types that should have been acknowledged first and were not in time
 * - answers: only what the client asked for and lacks, since a listener of this snapshot was refused
 * - shut: not now
 */
export type Gate =
  | { readonly kind: 'open'; readonly expired: readonly string[] }
  | { readonly kind: 'answers' }
  | { readonly kind: 'shut' };

/** The types of a stream, with what separates each from the snapshot. */
export interface Standing {
  readonly stream: OpenStream;
  readonly nowMs: number;
  readonly generation: number;
  readonly states: ReadonlyMap<string, TypeState>;
  differenceOf(typeUrl: string): Difference;
}

/** Make before break (rows O1 and O2 of the conformance list): may this type be sent now? */
export function gateOf(typeUrl: string, standing: Standing): Gate {
  const expired: string[] = [];
  if (!standing.stream.channel.isOrdered) return { kind: 'open', expired };
  let isListenerRefused = false;
  for (const below of waitsFor(typeUrl)) {
    switch (readiness(below, standing)) {
      case 'acknowledged':
        break;
      case 'overdue':
        expired.push(below);
        break;
      case 'listener-refused':
        isListenerRefused = true;
        break;
      case 'awaited':
        return { kind: 'shut' };
    }
  }
  return isListenerRefused ? { kind: 'answers' } : { kind: 'open', expired };
}

type Readiness = 'acknowledged' | 'overdue' | 'listener-refused' | 'awaited';

function readiness(typeUrl: string, standing: Standing): Readiness {
  const state = standing.states.get(typeUrl);
  if (state === undefined) return isAwaited(typeUrl, standing) ? 'awaited' : 'acknowledged';
  const apart = standing.differenceOf(typeUrl);
  const isRefused = apart.refused.some((name) => blocks(typeUrl, state, name, standing.generation));
  if (isRefused && typeUrl !== TYPE_URL.listener) return 'awaited';
  if (isTaken(typeUrl, state, apart)) return isRefused ? 'listener-refused' : 'acknowledged';
  return isOverdue(state, standing.nowMs) ? 'overdue' : 'awaited';
}

/** Whether removals may be sent: everything that could still use what goes is replaced, and the proxy has said so. */
export function mayRemove(standing: Standing): boolean {
  if (!standing.stream.channel.isOrdered) return true;
  for (const typeUrl of [TYPE_URL.cluster, TYPE_URL.listener, TYPE_URL.route]) {
    if (!standing.states.has(typeUrl) && isAwaited(typeUrl, standing)) return false;
  }
  for (const [typeUrl, state] of standing.states) {
    if (!hasOrder(typeUrl)) continue;
    const apart = standing.differenceOf(typeUrl);
    if (apart.refused.some((name) => blocks(typeUrl, state, name, standing.generation))) return false;
    if (!isTaken(typeUrl, state, apart)) return false;
  }
  return true;
}

/**
 * Nothing but removals is left to send, and no response is out. Of endpoints and secrets it is enough that they were
 * sent: a proxy takes messages in their order, the ACK of a cluster tells that it has what it needs, and endpoints may
 * change so often that a response is always out.
 */
function isTaken(typeUrl: string, state: TypeState, apart: Difference): boolean {
  if (apart.upserts.length > 0 || apart.unknown.length > 0 || state.owesAnswer) return false;
  return state.pending.length === 0 || typeUrl === TYPE_URL.endpoints || typeUrl === TYPE_URL.secret;
}

function isOverdue(state: TypeState, nowMs: number): boolean {
  const newest = state.pending.at(-1);
  return newest !== undefined && nowMs - newest.sentAtMs >= GATE_TIMEOUT_MS;
}

function isAwaited(typeUrl: string, standing: Standing): boolean {
  if (standing.nowMs >= standing.stream.resumingUntilMs) return false;
  return typeUrl === TYPE_URL.cluster || typeUrl === TYPE_URL.listener || typeUrl === TYPE_URL.route;
}

/**
 * A refused cluster, endpoint list or secret holds back what refers to it for as long as it is wanted. A refused
 * listener does so only for its own snapshot: else a proxy that cannot bind one port would get no route ever after.
 */
function blocks(typeUrl: string, state: TypeState, name: string, generation: number): boolean {
  const lasting = typeUrl === TYPE_URL.cluster || typeUrl === TYPE_URL.endpoints || typeUrl === TYPE_URL.secret;
  return lasting || state.refused.get(name)?.generation === generation;
}
