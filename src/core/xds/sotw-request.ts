import { firstRequest, laterRequest, type Subscribed } from './request.ts';
import type { Resource } from './resource.ts';
import { NO_RESOURCES, type TypeSnapshot } from './snapshot.ts';
import type { SotwRequest } from './stream.ts';
import type { Subscription } from './subscription.ts';
import type { Pending, TypeState } from './type-state.ts';

const WILDCARD = '*';

/**
 * The state-of-the-world variant of a type's first request. Named types are always answered; a client that holds all
 * listeners or clusters tells the version of them.
 */
export function firstSotwRequest(request: SotwRequest): Subscribed {
  const { typeUrl, names, version } = request;
  const asDelta = { typeUrl, subscribe: names, unsubscribe: [], initialVersions: new Map() };
  const { state, asked, left } = firstRequest(asDelta, NO_RESOURCES);
  const isAll = state.subscription.wildcard && state.subscription.names.size === 0;
  const sotw = { nonce: '', isNamed: names.length > 0, claimed: isAll ? version : '', accepted: new Map() };
  return { state: withoutNoName({ ...state, sotw }), asked, left };
}

/**
 * A later request names all that is wanted from now on: the difference to what was wanted is the change. Without names
 * it means nothing at all, unless the client has never given one (row C5). Only names that are new must be answered.
 */
export function laterSotwRequest(state: TypeState, request: SotwRequest, type: TypeSnapshot): Subscribed {
  const { sotw, subscription: before } = state;
  const isNamed = sotw?.isNamed === true || request.names.length > 0;
  if (sotw === undefined || !isNamed) return { state, asked: [], left: [] };
  const wanted = setOf(request.names);
  if (isWanted(before, wanted)) return { state, asked: [], left: [] };
  const subscribe = [...wanted].filter((name) => (name === WILDCARD ? !before.wildcard : !before.names.has(name)));
  const unsubscribe = [...before.names].filter((name) => !wanted.has(name));
  if (before.wildcard && !wanted.has(WILDCARD)) unsubscribe.push(WILDCARD);
  const asDelta = { typeUrl: request.typeUrl, subscribe, unsubscribe, initialVersions: new Map() };
  const { state: next, asked, left } = laterRequest(state, asDelta, type);
  const accepted = new Map([...sotw.accepted].filter(([name]) => wanted.has(WILDCARD) || wanted.has(name)));
  const owed = new Set([...next.owed].filter((name) => !left.includes(name)));
  return { state: withoutNoName({ ...next, owed, sotw: { ...sotw, isNamed, accepted } }), asked, left };
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Made once for each list: equal requests of many clients are the same object. */
function setOf(names: readonly string[]): ReadonlySet<string> {
  const known = sets.get(names);
  if (known !== undefined) return known;
  const set = new Set(names);
  sets.set(names, set);
  return set;
}

function isWanted({ wildcard, names }: Subscription, wanted: ReadonlySet<string>): boolean {
  if (wildcard !== wanted.has(WILDCARD) || names.size !== wanted.size - (wildcard ? 1 : 0)) return false;
  for (const name of names) if (!wanted.has(name)) return false;
  return true;
}

/** Whether a request was written before the client saw our last response: one that has seen it follows (row S2). */
export function isStale(state: TypeState, request: SotwRequest): boolean {
  return state.sotw !== undefined && state.sotw.nonce !== request.nonce;
}

/**
 * The responses that are out as one: the answer to the last of them is the answer to all, since a client that is slow,
 * as Envoy is while clusters warm, answers only that.
 */
export function asOnePending(state: TypeState): TypeState {
  const newest = state.pending.at(-1);
  if (newest === undefined || state.pending.length === 1) return state;
  const sent = new Map<string, Resource>();
  const removed = new Set<string>();
  for (const pending of state.pending) {
    for (const resource of pending.sent) {
      sent.set(resource.name, resource);
      removed.delete(resource.name);
    }
    for (const name of pending.removed) {
      sent.delete(name);
      removed.add(name);
    }
  }
  const one: Pending = { ...newest, sent: [...sent.values()], removed: [...removed] };
  return { ...state, pending: [one] };
}

/** Clients ask for the empty name to ask for nothing (row S6). It is a name, but no resource can have it. */
function withoutNoName(state: TypeState): TypeState {
  if (!state.owed.has('')) return state;
  return { ...state, owed: new Set([...state.owed].filter((name) => name !== '')) };
}
