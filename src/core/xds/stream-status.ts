import { sortedBy } from '../base/text-order.ts';
import type { Doubts, OpenStream } from './stream.ts';
import type { Rejection, TypeState } from './type-state.ts';
import { TYPE_URL } from './type-url.ts';

/** One type of one proxy, as an operator wants to see it. */
export interface TypeStatus {
  readonly typeUrl: string;
  /** The revision of the last acknowledged response; undefined before the first. */
  readonly acknowledged: string | undefined;
  /** Names subscribed, or `*`. */
  readonly subscribed: number | '*';
  /** Responses without an answer. */
  readonly unanswered: number;
  /** Names whose wanted version the proxy refused. */
  readonly refused: readonly string[];
  readonly rejection: Rejection | undefined;
}

/** The state of each type of a stream, by type URL. */
export function typeStatuses(stream: OpenStream): TypeStatus[] {
  const statuses = [...stream.types].map(([typeUrl, state]): TypeStatus => {
    const entries = stream.snapshot?.types.get(typeUrl)?.entries;
    return {
      typeUrl,
      acknowledged: state.acknowledged,
      subscribed: state.subscription.wildcard ? '*' : state.subscription.names.size,
      unanswered: state.pending.length,
      refused: [...state.refused]
        .filter(([name, refusal]) => entries?.get(name)?.resource?.version === refusal.version)
        .map(([name]) => name)
        .sort(),
      rejection: state.rejection,
    };
  });
  return sortedBy(statuses, (status) => status.typeUrl);
}

/**
 * What a stream that ends leaves open: the next stream of the same proxy needs it. Of types subscribed by name nothing,
 * but for endpoints: a cluster that was not acknowledged may still be warming, and wait for them.
 */
export function doubtsOf(stream: OpenStream): Doubts {
  const doubts = new Map<string, readonly string[]>();
  const note = (typeUrl: string, names: readonly string[]) => {
    if (names.length > 0) doubts.set(typeUrl, [...new Set([...(doubts.get(typeUrl) ?? []), ...names])]);
  };
  for (const [typeUrl, names] of stream.doubts) note(typeUrl, names);
  for (const [typeUrl, state] of stream.types) {
    if (state.subscription.wildcard) note(typeUrl, doubtfulNames(state));
    if (typeUrl === TYPE_URL.cluster) note(TYPE_URL.endpoints, doubtfulNames(state));
    if (typeUrl === TYPE_URL.endpoints) note(typeUrl, [...state.owed, ...doubtfulNames(state)]);
  }
  return doubts;
}

function doubtfulNames(state: TypeState): string[] {
  const unanswered = state.pending.flatMap((response) => response.sent.map((resource) => resource.name));
  const unknown = [...state.exceptions].filter(([, held]) => held.kind === 'unknown').map(([name]) => name);
  return [...unanswered, ...unknown];
}
