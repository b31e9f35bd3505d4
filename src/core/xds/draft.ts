import { assert } from '../base/assert.ts';
import type { Standing } from './gate.ts';
import { changesSince, NO_RESOURCES, type Snapshot, type TypeSnapshot } from './snapshot.ts';
import type { Doubts, OpenStream, Reply, Report } from './stream.ts';
import { type Difference, difference, type TypeState } from './type-state.ts';

/** A stream while a step works on it. Lives no longer than the step. */
export interface Draft extends Standing {
  readonly stream: OpenStream;
  readonly states: Map<string, TypeState>;
  readonly replies: Reply[];
  readonly reports: Report[];
  nonceCount: number;
  doubts: Doubts;
  readonly snapshot: Snapshot;
  stateOf(typeUrl: string): TypeState;
  typeOf(typeUrl: string): TypeSnapshot;
  /** Replaces a type's state; what separates it from the snapshot is computed anew when it is next asked for. */
  set(typeUrl: string, state: TypeState): void;
}

export function draftOf(stream: OpenStream, snapshot: Snapshot, nowMs: number): Draft {
  const states = new Map(stream.types);
  const differences = new Map<string, Difference>();
  const draft: Draft = {
    stream,
    snapshot,
    nowMs,
    generation: snapshot.generation,
    states,
    replies: [],
    reports: [],
    nonceCount: stream.nonceCount,
    doubts: stream.doubts,
    stateOf(typeUrl) {
      const state = states.get(typeUrl);
      assert(state !== undefined, 'only types of the stream are sent');
      return state;
    },
    typeOf: (typeUrl) => snapshot.types.get(typeUrl) ?? NO_RESOURCES,
    set(typeUrl, state) {
      states.set(typeUrl, state);
      differences.delete(typeUrl);
    },
    differenceOf(typeUrl) {
      const known = differences.get(typeUrl);
      if (known !== undefined) return known;
      const state = draft.stateOf(typeUrl);
      const type = draft.typeOf(typeUrl);
      const computed = difference(state, type, changesSince(type, state.sequence));
      differences.set(typeUrl, computed);
      return computed;
    },
  };
  return draft;
}
