import { compareKept, type KeptVersions } from './kept-versions.ts';
import type { TypeSnapshot } from './snapshot.ts';
import type { DeltaRequest } from './stream.ts';
import { changeSubscription, isSubscribed, type Subscription } from './subscription.ts';
import { type Held, heldBy, NOTHING, type TypeState, UNKNOWN } from './type-state.ts';

/** The part of a delta request that says what is wanted. */
type SubscribingRequest = Pick<DeltaRequest, 'typeUrl' | 'subscribe' | 'unsubscribe' | 'initialVersions'>;

/** A type's state after a request's subscriptions, and the names that it asked for and left. */
export interface Subscribed {
  readonly state: TypeState;
  readonly asked: readonly string[];
  readonly left: readonly string[];
}

/**
 * The type's first request on the stream. It may tell which versions the client kept from an earlier stream: then
 * only what differs is sent. `*` and names that it does not have are answered in any case.
 */
export function firstRequest(request: SubscribingRequest, type: TypeSnapshot): Subscribed {
  const { typeUrl, subscribe, unsubscribe, initialVersions } = request;
  const { next, asked } = changeSubscription(undefined, typeUrl, subscribe, unsubscribe);
  const { sequence, exceptions } = heldAtFirst(next, initialVersions, type);
  const state: TypeState = {
    subscription: next,
    sequence,
    exceptions,
    owed: new Set(asked.filter((name) => !initialVersions.has(name))),
    owesAnswer: next.wildcard,
    pending: [],
    refused: new Map(),
    suspects: [],
    acknowledged: undefined,
    rejection: undefined,
    coveredSequence: 0,
    sotw: undefined,
  };
  return { state, asked, left: [] };
}

/**
 * What a client holds that kept some versions: told by what differs from the snapshot where it kept most of that, else
 * name by name.
 */
function heldAtFirst(
  subscription: Subscription,
  kept: KeptVersions,
  type: TypeSnapshot,
): Pick<TypeState, 'sequence' | 'exceptions'> {
  const exceptions = new Map<string, Held>();
  const note = ([name, version]: readonly [string, string]) => {
    if (isSubscribed(subscription, name)) exceptions.set(name, { kind: 'version', version });
  };
  if (kept.size === 0 || kept.size * 2 < type.present) {
    for (const each of kept) note(each);
    return { sequence: 0, exceptions };
  }
  const { current, others } = compareKept(kept, type);
  for (const each of others) note(each);
  if (current < type.present) {
    for (const { name, resource } of type.log) {
      const isLacking = resource !== undefined && isSubscribed(subscription, name) && !kept.has(name);
      if (isLacking) exceptions.set(name, NOTHING);
    }
  }
  return { sequence: type.sequence, exceptions };
}

/**
 * Names of which an earlier stream left it open what the client has of them, listed or not. Under a wildcard they are
 * sent or removed once more; those subscribed by name are answered although they are listed as current.
 */
export function doubtNames(
  state: TypeState,
  names: readonly string[],
  isListed: (name: string) => boolean = (name) => state.exceptions.has(name),
): TypeState {
  if (names.length === 0) return state;
  if (!state.subscription.wildcard) {
    const asked = names.filter((name) => state.subscription.names.has(name));
    return { ...state, owed: new Set([...state.owed, ...asked]) };
  }
  const exceptions = new Map(state.exceptions);
  for (const name of names) if (!isListed(name)) exceptions.set(name, UNKNOWN);
  return { ...state, exceptions };
}

/**
 * A later request's subscriptions. Each name asked for is owed an answer. A name that was left under a wildcard is
 * too, since the client cannot know whether it still gets it. They count whatever the request's nonce says.
 */
export function laterRequest(state: TypeState, request: SubscribingRequest, type: TypeSnapshot): Subscribed {
  const before = state.subscription;
  const { next, asked, left } = changeSubscription(before, request.typeUrl, request.subscribe, request.unsubscribe);
  if (next === before) return { state, asked, left };
  const rebased = next.wildcard && !before.wildcard;
  const exceptions = new Map(rebased ? heldNames(state, type) : state.exceptions);
  const refused = new Map(state.refused);
  const owed = new Set([...state.owed, ...asked, ...(next.wildcard ? left : [])]);
  for (const name of asked) if (!isSubscribed(before, name)) exceptions.set(name, NOTHING);
  forgetUnsubscribed(next, before.wildcard ? [...exceptions.keys(), ...owed, ...refused.keys()] : left, [
    exceptions,
    refused,
    owed,
  ]);
  return {
    state: {
      ...state,
      subscription: next,
      sequence: rebased ? 0 : state.sequence,
      exceptions,
      refused,
      owed,
      owesAnswer: state.owesAnswer || rebased,
      coveredSequence: left.length > 0 || before.wildcard !== next.wildcard ? 0 : state.coveredSequence,
    },
    asked,
    left,
  };
}

function forgetUnsubscribed(
  subscription: Subscription,
  names: Iterable<string>,
  notes: readonly { delete(name: string): boolean }[],
): void {
  for (const name of names) {
    if (isSubscribed(subscription, name)) continue;
    for (const note of notes) note.delete(name);
  }
}

/** What the client holds under each subscribed name: the basis when a wildcard joins the names. */
function heldNames(state: TypeState, type: TypeSnapshot): [string, Held][] {
  return [...state.subscription.names].map((name) => [name, heldBy(state, name, type.entries.get(name))]);
}
