import type { Resource } from './resource.ts';
import type { Entry, TypeSnapshot } from './snapshot.ts';
import { isSubscribed, type Subscription } from './subscription.ts';

/** What a client is thought to hold under one name. After a rejection that is not known. */
export type Held =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'unknown' };

export const NOTHING: Held = { kind: 'nothing' };
export const UNKNOWN: Held = { kind: 'unknown' };

/** A response that the client has not answered yet. */
export interface Pending {
  readonly nonce: string;
  readonly revision: string;
  readonly sent: readonly Resource[];
  readonly removed: readonly string[];
  readonly sentAtMs: number;
}

/** A version that the client refused, and the snapshot that was current when it did. */
export interface Refusal {
  readonly version: string;
  readonly generation: number;
}

/** The last rejection of a type, with a text that is safe to show. */
export interface Rejection {
  readonly atMs: number;
  readonly revision: string;
  readonly names: readonly string[];
  readonly message: string;
}

/**
 * One type on one stream: its own subscription, nonces and versions. What the client holds is told by one number
 * (it holds what stood at that sequence) and the names for which that is not so; for a client that is current the
 * map is empty, whatever the number of resources.
 */
export interface TypeState {
  readonly subscription: Subscription;
  readonly sequence: number;
  readonly exceptions: ReadonlyMap<string, Held>;
  /** Names that must be answered even if the client is current. */
  readonly owed: ReadonlySet<string>;
  /** The first wildcard request must be answered even with nothing: the proxy's start waits for it. */
  readonly owesAnswer: boolean;
  /** Oldest first. */
  readonly pending: readonly Pending[];
  readonly refused: ReadonlyMap<string, Refusal>;
  /** Parts of a response that was rejected without naming the culprit: sent apart, halved until it is found. */
  readonly suspects: readonly (readonly string[])[];
  /** The revision of the last response that was acknowledged. */
  readonly acknowledged: string | undefined;
  readonly rejection: Rejection | undefined;
  /** Up to this sequence every name of the snapshot is known to be subscribed. */
  readonly coveredSequence: number;
  /** What only the state-of-the-world variant needs. */
  readonly sotw: SotwState | undefined;
}

export interface SotwState {
  /** That of the last response of the type, empty before the first: a request that does not carry it is stale. */
  readonly nonce: string;
  /** Whether the client has ever given a name: after that, no names mean nothing. */
  readonly isNamed: boolean;
  /** The version of all resources that the client kept from an earlier stream, until it is compared; else empty. */
  readonly claimed: string;
  /** What the client accepted of a type whose responses tell everything, by name. Empty for other types. */
  readonly accepted: ReadonlyMap<string, Resource>;
}

/** What separates the client from the snapshot. */
export interface Difference {
  /** Entries with a resource that the client lacks, holds in another version or asked for. */
  readonly upserts: readonly Entry[];
  /** Names that the client holds and that are gone. */
  readonly removals: readonly string[];
  /** Names that the client asked for and that do not exist. */
  readonly unknown: readonly string[];
  /** Names whose wanted version the client refused. */
  readonly refused: readonly string[];
}

const IN_STEP: Difference = { upserts: [], removals: [], unknown: [], refused: [] };

/** Compares the client with the snapshot in time proportional to what differs or is subscribed, whichever is less. */
export function difference(state: TypeState, type: TypeSnapshot, changed: readonly Entry[]): Difference {
  if (changed.length === 0 && state.exceptions.size === 0 && state.owed.size === 0) return IN_STEP;
  const upserts: Entry[] = [];
  const names = { removals: [] as string[], unknown: [] as string[], refused: [] as string[] };
  for (const name of candidates(state, changed)) {
    const entry = type.entries.get(name);
    const verdict = verdictOn(state, name, entry);
    if (verdict === undefined) continue;
    if (verdict !== 'upserts') names[verdict].push(name);
    else if (entry !== undefined) upserts.push(entry);
  }
  return { upserts, ...names };
}

function verdictOn(state: TypeState, name: string, entry: Entry | undefined): keyof Difference | undefined {
  const isOwed = state.owed.has(name);
  const held = heldBy(state, name, entry);
  const wanted = entry?.resource?.version;
  if (wanted === undefined) {
    if (isOwed) return 'unknown';
    return held.kind === 'nothing' ? undefined : 'removals';
  }
  if (isOwed) return 'upserts';
  if (state.refused.get(name)?.version === wanted) return 'refused';
  return held.kind === 'version' && held.version === wanted ? undefined : 'upserts';
}

/** What the client holds under a name that it subscribes to. */
export function heldBy(state: TypeState, name: string, entry: Entry | undefined): Held {
  const exception = state.exceptions.get(name);
  if (exception !== undefined) return exception;
  if (entry === undefined || state.sequence === 0) return NOTHING;
  if (entry.sequence <= state.sequence) return heldVersion(entry.resource?.version);
  const past = entry.past.findLast((earlier) => earlier.sequence <= state.sequence);
  if (past !== undefined) return heldVersion(past.version);
  return entry.forgotten ? UNKNOWN : NOTHING;
}

function heldVersion(version: string | undefined): Held {
  return version === undefined ? NOTHING : { kind: 'version', version };
}

/** The names for which client and snapshot may differ: each once, in a stable order. */
function candidates(state: TypeState, changed: readonly Entry[]): Iterable<string> {
  const { subscription, exceptions, owed } = state;
  const names = new Set<string>();
  if (subscription.wildcard || changed.length <= subscription.names.size) {
    for (const entry of changed) if (isSubscribed(subscription, entry.name)) names.add(entry.name);
  } else {
    for (const name of subscription.names) names.add(name);
  }
  for (const name of exceptions.keys()) names.add(name);
  for (const name of owed) names.add(name);
  return names;
}
