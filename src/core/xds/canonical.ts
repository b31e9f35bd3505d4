import type { Snapshot } from './snapshot.ts';
import type { Doubts, OpenStream } from './stream.ts';
import type { Subscription } from './subscription.ts';
import type { Held, TypeState } from './type-state.ts';
import { TYPE_URL } from './type-url.ts';

/** Nonces of one snapshot's responses: far more than a stream sends before the next. */
export const NONCES_PER_GENERATION = 1_024;

/** Kinds of streams that are kept for one snapshot: proxies of a fleet mostly ask for the same. */
const KINDS_MAX = 16;

const NO_HELD: ReadonlyMap<string, Held> = new Map();
const NO_OWED: ReadonlySet<string> = new Set();
const NO_DOUBTS: Doubts = new Map();

/** Streams that have acknowledged all of a snapshot, one of each kind. */
const settledStreams = new WeakMap<Snapshot, OpenStream[]>();

/**
 * A stream that has acknowledged everything, in the form that equal streams share: how it came there is forgotten. So a
 * fleet of proxies that are current is a few values, and what happens to one of them is worked out once. A stream with
 * something of its own, such as a refused version, stays as it is.
 */
export function canonical(stream: OpenStream, snapshot: Snapshot): OpenStream {
  const plain = plainTypes(stream, snapshot);
  if (plain === undefined) return stream;
  const known = settledStreams.get(snapshot) ?? [];
  settledStreams.set(snapshot, known);
  const equal = known.find((each) => isEqual(each, stream, plain));
  if (equal !== undefined) return equal;
  const settled: OpenStream = {
    ...stream,
    types: plain,
    // Its clusters are acknowledged, so they are warm: none of them waits for endpoints any more.
    doubts: NO_DOUBTS,
    nonceCount: lastNonce(stream, snapshot),
    resumingUntilMs: Math.min(stream.resumingUntilMs, 1),
    settledSinceMs: undefined,
  };
  if (known.length < KINDS_MAX) known.push(settled);
  return settled;
}

function lastNonce({ nonceCount }: OpenStream, { generation }: Snapshot): number {
  return Math.max(nonceCount, generation * NONCES_PER_GENERATION);
}

function plainTypes(stream: OpenStream, snapshot: Snapshot): ReadonlyMap<string, TypeState> | undefined {
  if (stream.expires) return undefined;
  for (const typeUrl of stream.doubts.keys()) if (typeUrl !== TYPE_URL.endpoints) return undefined;
  const types = new Map<string, TypeState>();
  for (const [typeUrl, state] of stream.types) {
    const hasOwn = state.refused.size > 0 || state.suspects.length > 0 || state.rejection !== undefined;
    if (hasOwn || state.sotw !== undefined || state.pending.length > 0) return undefined;
    const sequence = snapshot.types.get(typeUrl)?.sequence ?? state.sequence;
    types.set(typeUrl, { ...state, sequence, exceptions: NO_HELD, owed: NO_OWED });
  }
  return types;
}

function isEqual(known: OpenStream, stream: OpenStream, types: ReadonlyMap<string, TypeState>): boolean {
  if (known.channel !== stream.channel || known.types.size !== types.size) return false;
  if ((known.resumingUntilMs === 0) !== (stream.resumingUntilMs === 0)) return false;
  if (stream.nonceCount > known.nonceCount) return false;
  for (const [typeUrl, state] of types) {
    const other = known.types.get(typeUrl);
    if (other === undefined || !isEqualType(other, state)) return false;
  }
  return true;
}

function isEqualType(left: TypeState, right: TypeState): boolean {
  return (
    left.sequence === right.sequence &&
    left.coveredSequence === right.coveredSequence &&
    left.acknowledged === right.acknowledged &&
    left.owesAnswer === right.owesAnswer &&
    isEqualSubscription(left.subscription, right.subscription)
  );
}

function isEqualSubscription(left: Subscription, right: Subscription): boolean {
  if (left === right || left.names === right.names) return left.wildcard === right.wildcard;
  if (left.wildcard !== right.wildcard || left.names.size !== right.names.size) return false;
  for (const name of left.names) if (!right.names.has(name)) return false;
  return true;
}
