import type { Draft } from './draft.ts';
import { type Change, fullState, isFullState } from './full-state.ts';
import type { Resource } from './resource.ts';
import { type Held, NOTHING, type TypeState } from './type-state.ts';
import { stateVersion, typeVersion } from './type-version.ts';

/** Settles what a state-of-the-world client needs no response for, before the type's responses are looked for. */
export function settleUnsaid(draft: Draft, typeUrl: string): void {
  const { sotw } = draft.stateOf(typeUrl);
  if (sotw === undefined) return;
  if (sotw.claimed !== '') takeClaim(draft, typeUrl, draft.stateOf(typeUrl));
  if (!isFullState(typeUrl)) dropUnsayable(draft, typeUrl);
}

/** What a response says, and the removals that the client then knows of. */
export interface Told {
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
  /** The label of the type or of the revision, or a function of the content. */
  readonly systemVersion: string;
  readonly gone: readonly string[];
}

/** A response about `change`: all that the client shall hold where the type is told as a whole, else what changed. */
export function toldBy(draft: Draft, typeUrl: string, { sent, removed }: Change): Told {
  const state = draft.stateOf(typeUrl);
  const type = draft.typeOf(typeUrl);
  if (state.sotw === undefined) {
    return { resources: sent, removed, systemVersion: type.label ?? draft.snapshot.revision, gone: removed };
  }
  if (!isFullState(typeUrl)) return { resources: sent, removed: [], systemVersion: typeVersion(type), gone: [] };
  const resources = fullState(state, state.sotw, { sent, removed });
  const names = new Set(resources.map((resource) => resource.name));
  const unsaid = draft.differenceOf(typeUrl).removals.filter((name) => !names.has(name));
  const systemVersion = stateVersion(type, resources);
  return { resources, removed: [], systemVersion, gone: [...new Set([...removed, ...unsaid])] };
}

/**
 * A client that reconnects and holds this very version of all resources is sent nothing (row S3), unless its last
 * stream left something open. A label from outside says nothing of the content.
 */
function takeClaim(draft: Draft, typeUrl: string, state: TypeState): void {
  const { sotw } = state;
  if (sotw === undefined) return;
  const type = draft.typeOf(typeUrl);
  const taken = { ...sotw, claimed: '' };
  if (type.label !== undefined || state.exceptions.size > 0 || typeVersion(type) !== sotw.claimed) {
    draft.set(typeUrl, { ...state, sotw: taken });
    return;
  }
  const accepted = new Map(
    type.log.flatMap(({ name, resource }) => (resource === undefined ? [] : [[name, resource]])),
  );
  draft.set(typeUrl, { ...state, sequence: type.sequence, owesAnswer: false, sotw: { ...taken, accepted } });
}

/** A partial response cannot say that something is gone, or never was: the client finds out by itself. */
function dropUnsayable(draft: Draft, typeUrl: string): void {
  const { removals, unknown } = draft.differenceOf(typeUrl);
  const state = draft.stateOf(typeUrl);
  if (removals.length === 0 && unknown.length === 0 && !state.owesAnswer) return;
  const exceptions = new Map<string, Held>(state.exceptions);
  for (const name of removals) exceptions.set(name, NOTHING);
  const unanswerable = new Set(unknown);
  const owed = new Set([...state.owed].filter((name) => !unanswerable.has(name)));
  draft.set(typeUrl, { ...state, exceptions, owed, owesAnswer: false });
}
