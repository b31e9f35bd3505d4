import { NONCES_PER_GENERATION } from './canonical.ts';
import type { Draft } from './draft.ts';
import { isFullState } from './full-state.ts';
import { type Gate, gateOf, mayRemove } from './gate.ts';
import type { Resource } from './resource.ts';
import type { Entry } from './snapshot.ts';
import { settleUnsaid, toldBy } from './sotw-push.ts';
import { type Held, heldBy, type TypeState } from './type-state.ts';
import { hasOrder, inBreakOrder, inMakeOrder, TYPE_URL } from './type-url.ts';

/** Unanswered responses per type: while one is out, changes gather in the snapshot and cost the stream nothing. */
const UNANSWERED_MAX = 1;

/** Envoy answers a cluster response only when no cluster is warming; meanwhile it applies further ones. */
const UNANSWERED_CLUSTERS_MAX = 4;

/** What a client asks for by name is answered at once, even if it has not answered us; but not without end. */
const UNANSWERED_ASKED_MAX = 64;

/** Size of one response: far below the 4 MiB that gRPC clients accept by default. A single larger one goes alone. */
const RESPONSE_RESOURCES_MAX = 500;
const RESPONSE_BYTES_MAX = 1_048_576;

/** Sends everything that may be sent now: additions and changes first, removals once those are acknowledged. */
export function push(draft: Draft): void {
  for (const typeUrl of [...draft.states.keys()]) settleUnsaid(draft, typeUrl);
  for (const typeUrl of inMakeOrder(draft.states.keys())) sendAdditions(draft, typeUrl);
  for (const typeUrl of inBreakOrder(draft.states.keys())) {
    if (hasOrder(typeUrl) && !mayRemove(draft)) return;
    sendRemovals(draft, typeUrl);
  }
}

function sendAdditions(draft: Draft, typeUrl: string): void {
  while (draft.stateOf(typeUrl).pending.length < UNANSWERED_ASKED_MAX) {
    const gate = gateOf(typeUrl, draft);
    const state = draft.stateOf(typeUrl);
    const { batch, suspects } = nextBatch(draft, typeUrl, gate);
    const { unknown } = draft.differenceOf(typeUrl);
    const isAnswer = state.owesAnswer && gate.kind !== 'shut';
    if (batch.length === 0 && unknown.length === 0 && !isAnswer) {
      if (suspects.length < state.suspects.length) draft.set(typeUrl, { ...state, suspects });
      return;
    }
    if (gate.kind === 'open' && gate.expired.length > 0 && batch.length > 0) {
      draft.reports.push({ kind: 'gate-expired', typeUrl, unacknowledged: gate.expired });
    }
    const owesAnswer = state.owesAnswer && !isAnswer;
    const removed = [...unknown, ...removableAtOnce(draft, typeUrl)];
    send(draft, typeUrl, { ...state, suspects, owesAnswer }, { batch, removed });
  }
}

/** Where no type waits for another, what is gone is told with what is new. */
function removableAtOnce(draft: Draft, typeUrl: string): readonly string[] {
  return draft.stream.channel.isOrdered ? [] : draft.differenceOf(typeUrl).removals.slice(0, RESPONSE_RESOURCES_MAX);
}

function sendRemovals(draft: Draft, typeUrl: string): void {
  const state = draft.stateOf(typeUrl);
  const { removals } = draft.differenceOf(typeUrl);
  if (removals.length === 0 || state.pending.length >= unansweredMax(state, typeUrl)) return;
  const removed = isWhole(state, typeUrl) ? removals : removals.slice(0, RESPONSE_RESOURCES_MAX);
  send(draft, typeUrl, state, { batch: [], removed });
}

interface Content {
  readonly batch: readonly Resource[];
  readonly removed: readonly string[];
}

/** Writes one response and notes in the state that the client has what it says. */
function send(draft: Draft, typeUrl: string, state: TypeState, { batch, removed }: Content): void {
  // Streams that are in step count alike from each snapshot on, so that one encoded response serves them all.
  const base = (draft.snapshot.generation - 1) * NONCES_PER_GENERATION;
  draft.nonceCount = Math.max(draft.nonceCount, base) + 1;
  const nonce = `${draft.nonceCount}`;
  const { revision } = draft.snapshot;
  const { gone, ...told } = toldBy(draft, typeUrl, { sent: batch, removed });
  const sent = new Set([...batch.map((resource) => resource.name), ...gone]);
  const form = draft.stream.expires ? 'expiring' : 'plain';
  draft.replies.push({ typeUrl, nonce, ...told, form });
  draft.set(typeUrl, {
    ...state,
    sotw: state.sotw === undefined ? undefined : { ...state.sotw, nonce },
    sequence: draft.typeOf(typeUrl).sequence,
    exceptions: exceptionsWithout(draft, typeUrl, sent),
    owed: state.owed.size === 0 ? state.owed : new Set([...state.owed].filter((name) => !sent.has(name))),
    pending: [...state.pending, { nonce, revision, sent: batch, removed: gone, sentAtMs: draft.nowMs }],
  });
  if (typeUrl === TYPE_URL.cluster) askForEndpoints(draft, batch);
}

/** The names that still differ after a response, with what the client holds of them. */
function exceptionsWithout(draft: Draft, typeUrl: string, sent: ReadonlySet<string>): ReadonlyMap<string, Held> {
  const state = draft.stateOf(typeUrl);
  const apart = draft.differenceOf(typeUrl);
  const exceptions = new Map<string, Held>();
  const { entries } = draft.typeOf(typeUrl);
  for (const name of [...apart.upserts.map((entry) => entry.name), ...apart.removals, ...apart.refused]) {
    if (!sent.has(name)) exceptions.set(name, heldBy(state, name, entries.get(name)));
  }
  return exceptions;
}

/**
 * A changed cluster warms with endpoints of its own: Envoy does not ask again for those that it already has, and the
 * change would go live only after the fetch timeout (row O3). The assignment has the cluster's name. A proxy that
 * reconnects may ask for its endpoints, which it lists as current, only after its clusters were sent.
 */
function askForEndpoints(draft: Draft, clusters: readonly Resource[]): void {
  const names = clusters.map((cluster) => cluster.name);
  const state = draft.states.get(TYPE_URL.endpoints);
  if (state === undefined) {
    const earlier = draft.doubts.get(TYPE_URL.endpoints) ?? [];
    draft.doubts = new Map(draft.doubts).set(TYPE_URL.endpoints, [...new Set([...earlier, ...names])]);
    return;
  }
  const { entries } = draft.typeOf(TYPE_URL.endpoints);
  const again = names.filter((name) => state.subscription.names.has(name) && entries.get(name)?.resource !== undefined);
  if (again.length > 0) draft.set(TYPE_URL.endpoints, { ...state, owed: new Set([...state.owed, ...again]) });
}

/**
 * The resources of the next response. While the culprit of a rejection is searched, that is one group of suspects;
 * groups of which nothing is left to send are dropped.
 */
function nextBatch(
  draft: Draft,
  typeUrl: string,
  gate: Gate,
): { batch: readonly Resource[]; suspects: TypeState['suspects'] } {
  const state = draft.stateOf(typeUrl);
  let suspects = state.suspects;
  if (gate.kind === 'shut' || isUnheard(state, typeUrl)) return { batch: [], suspects };
  const respond = isWhole(state, typeUrl) ? allOf : oneResponse;
  const { upserts } = draft.differenceOf(typeUrl);
  if (gate.kind === 'answers' || state.pending.length >= unansweredMax(state, typeUrl)) {
    return { batch: respond(upserts.filter((entry) => state.owed.has(entry.name))), suspects };
  }
  for (let group = suspects[0]; group !== undefined; group = suspects[0]) {
    suspects = suspects.slice(1);
    const names = new Set(group);
    const batch = respond(upserts.filter((entry) => names.has(entry.name)));
    if (batch.length > 0) return { batch, suspects };
  }
  return { batch: respond(upserts), suspects };
}

/** Whether a response of the type tells everything, so that it cannot be split. */
function isWhole(state: TypeState, typeUrl: string): boolean {
  return state.sotw !== undefined && isFullState(typeUrl);
}

/**
 * Whether the client's answer would be lost: a state-of-the-world client's answer to an earlier response is stale once
 * another one is out. A response that tells everything has the earlier ones in it, so the answer to it is enough.
 */
function isUnheard(state: TypeState, typeUrl: string): boolean {
  return state.sotw !== undefined && !isFullState(typeUrl) && state.pending.length > 0;
}

function allOf(entries: readonly Entry[]): readonly Resource[] {
  return entries.flatMap(({ resource }) => resource ?? []);
}

function oneResponse(entries: readonly Entry[]): readonly Resource[] {
  const batch: Resource[] = [];
  let bytes = 0;
  for (const { resource } of entries) {
    if (resource === undefined) continue;
    bytes += resource.bytes.length;
    if (batch.length > 0 && (bytes > RESPONSE_BYTES_MAX || batch.length >= RESPONSE_RESOURCES_MAX)) break;
    batch.push(resource);
  }
  return batch;
}

/** A state-of-the-world client answers for all that is out at once: the parts of a refused response go one by one. */
function unansweredMax(state: TypeState, typeUrl: string): number {
  if (typeUrl !== TYPE_URL.cluster) return UNANSWERED_MAX;
  return state.sotw !== undefined && state.suspects.length > 0 ? UNANSWERED_MAX : UNANSWERED_CLUSTERS_MAX;
}
