import { assert } from '../base/assert.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Resource } from './resource.ts';

/** How many earlier versions an entry remembers; a client further behind is sent the resource again. */
const PAST_MAX = 8;

/** Removed names kept for clients that are behind. A stream that needs more is closed and starts again. */
const TOMBSTONES_MAX = 10_000;

/** What stood under one name, and since which sequence. Without a resource it is a tombstone. */
export interface Entry {
  readonly name: string;
  readonly resource: Resource | undefined;
  readonly sequence: number;
  /** Earlier states, oldest first. */
  readonly past: readonly { readonly version: string | undefined; readonly sequence: number }[];
  /** Whether older states than those in `past` were forgotten. */
  readonly forgotten: boolean;
}

/** All resources of one type. Each publication that changes the type raises its sequence by one. */
export interface TypeSnapshot {
  readonly sequence: number;
  /** A client whose sequence lies between 0 and this may hold names that nobody remembers. */
  readonly floor: number;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The same entries by rising sequence, then by name. */
  readonly log: readonly Entry[];
  /** Entries that are no tombstones. */
  readonly present: number;
  /** The version that the publisher gave the type; without one it follows from the content. */
  readonly label: string | undefined;
}

/** What one fleet, or one group of proxies in it with equal overrides, shall hold. Immutable. */
export interface Snapshot {
  /** The label of the revision: given by the publisher, reported in answers and events. */
  readonly revision: string;
  /** Rises with each publication. */
  readonly generation: number;
  readonly types: ReadonlyMap<string, TypeSnapshot>;
}

export interface SnapshotContent {
  readonly revision: string;
  /** All resources by type URL; a type left out has none. Names are unique in a type. */
  readonly resources: ReadonlyMap<string, readonly Resource[]>;
  /** Versions of whole types that were given from outside, by type URL. */
  readonly labels?: ReadonlyMap<string, string>;
}

/** A type of which nothing was ever published. */
export const NO_RESOURCES: TypeSnapshot = {
  sequence: 0,
  floor: 0,
  entries: new Map(),
  log: [],
  present: 0,
  label: undefined,
};

/**
 * The snapshot that follows `previous`. A type without a change is taken over as it is.
 * `oldestSequence` gives, for a type, the lowest sequence above 0 at which a client still stands: what only older
 * clients would need is forgotten.
 */
export function nextSnapshot(
  previous: Snapshot | undefined,
  content: SnapshotContent,
  oldestSequence: (typeUrl: string) => number = () => 0,
): Snapshot {
  const types = new Map<string, TypeSnapshot>();
  for (const typeUrl of new Set([...(previous?.types.keys() ?? []), ...content.resources.keys()])) {
    const before = previous?.types.get(typeUrl) ?? NO_RESOURCES;
    const next = nextType(before, content.resources.get(typeUrl) ?? [], oldestSequence(typeUrl));
    const label = content.labels?.get(typeUrl);
    types.set(typeUrl, next.label === label ? next : { ...next, label });
  }
  return { revision: content.revision, generation: (previous?.generation ?? 0) + 1, types };
}

/** The entries that changed after a sequence, by rising sequence. */
export function changesSince(type: TypeSnapshot, sequence: number): readonly Entry[] {
  if (sequence >= type.sequence) return [];
  let low = 0;
  let high = type.log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = type.log[middle];
    assert(entry !== undefined, 'the log has no gap');
    if (entry.sequence > sequence) high = middle;
    else low = middle + 1;
  }
  return low === 0 ? type.log : type.log.slice(low);
}

function nextType(before: TypeSnapshot, resources: readonly Resource[], oldestSequence: number): TypeSnapshot {
  const wanted = new Map<string, Resource>();
  for (const resource of resources) {
    assert(!wanted.has(resource.name), `two resources of one type are named ${resource.name}`);
    wanted.set(resource.name, resource);
  }
  const sequence = before.sequence + 1;
  const kept: Entry[] = [];
  const changed: Entry[] = [];
  for (const entry of before.log) {
    const resource = wanted.get(entry.name);
    wanted.delete(entry.name);
    if (resource?.version === entry.resource?.version) kept.push(entry);
    else changed.push(changedEntry(entry, resource, sequence, oldestSequence));
  }
  for (const resource of wanted.values()) {
    changed.push({ name: resource.name, resource, sequence, past: [], forgotten: false });
  }
  if (changed.length === 0) return before;
  return typeOf(before, sequence, kept, changed, oldestSequence);
}

function typeOf(
  before: TypeSnapshot,
  sequence: number,
  kept: readonly Entry[],
  changed: Entry[],
  oldestSequence: number,
): TypeSnapshot {
  changed.sort((left, right) => byCodeUnit(left.name, right.name));
  const all = [...kept, ...changed].filter((entry) => entry.resource !== undefined || entry.sequence > oldestSequence);
  const present = all.reduce((count, entry) => count + (entry.resource === undefined ? 0 : 1), 0);
  let excess = all.length - present - TOMBSTONES_MAX;
  let floor = before.floor;
  const log = all.filter((entry) => {
    if (excess <= 0 || entry.resource !== undefined) return true;
    excess -= 1;
    floor = entry.sequence;
    return false;
  });
  return {
    sequence,
    floor,
    entries: new Map(log.map((entry) => [entry.name, entry])),
    log,
    present,
    label: before.label,
  };
}

function changedEntry(entry: Entry, resource: Resource | undefined, sequence: number, oldestSequence: number): Entry {
  const past = [...entry.past, { version: entry.resource?.version, sequence: entry.sequence }];
  // The newest state that the client furthest behind can be in is the last one not above its sequence.
  const needed = past.findLastIndex((state) => state.sequence <= oldestSequence);
  const first = Math.max(needed, past.length - PAST_MAX, 0);
  return { name: entry.name, resource, sequence, past: past.slice(first), forgotten: entry.forgotten || first > 0 };
}
