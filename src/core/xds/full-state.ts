import type { Resource } from './resource.ts';
import { isSubscribed } from './subscription.ts';
import type { Pending, SotwState, TypeState } from './type-state.ts';
import { TYPE_URL } from './type-url.ts';

/** What a response adds and takes away. */
export type Change = Pick<Pending, 'sent' | 'removed'>;

/**
 * Whether a state-of-the-world response of this type tells everything: what it leaves out is deleted (row S1). Envoy
 * reads scoped routes so, too. Responses of other types may be partial, and can delete nothing.
 */
export function isFullState(typeUrl: string): boolean {
  return typeUrl === TYPE_URL.listener || typeUrl === TYPE_URL.cluster || typeUrl === TYPE_URL.scopedRoute;
}

/**
 * The resources of a full-state response that brings `change`: what the client accepted before, what is under way, and
 * the change. So a resource that goes is still told until its removal may be sent, and one whose new version was refused
 * stands as it was accepted.
 */
export function fullState(state: TypeState, sotw: SotwState, change: Change): Resource[] {
  const held = new Map(sotw.accepted);
  for (const each of [...state.pending, change]) apply(held, each);
  return [...held.values()].filter((resource) => isSubscribed(state.subscription, resource.name));
}

/** A client's full state after it accepted a response. */
export function accepted(sotw: SotwState, typeUrl: string, change: Change): SotwState {
  if (!isFullState(typeUrl)) return sotw;
  const held = new Map(sotw.accepted);
  apply(held, change);
  return { ...sotw, accepted: held };
}

function apply(held: Map<string, Resource>, { sent, removed }: Change): void {
  for (const resource of sent) held.set(resource.name, resource);
  for (const name of removed) held.delete(name);
}
