import { hasLegacyWildcard } from './type-url.ts';

/** What a client asked for in one type: everything, some names, or both. Independent of the variant of the protocol. */
export interface Subscription {
  readonly wildcard: boolean;
  readonly names: ReadonlySet<string>;
}

/** A subscription after a request, and what changed in it. */
export interface SubscriptionChange {
  readonly next: Subscription;
  /** Names asked for in this request, those already subscribed included: each must be answered. */
  readonly asked: readonly string[];
  /** Names that were subscribed by name and no longer are. */
  readonly left: readonly string[];
}

const WILDCARD = '*';
const NO_NAMES: ReadonlySet<string> = new Set();

export function isSubscribed(subscription: Subscription, name: string): boolean {
  return subscription.wildcard || subscription.names.has(name);
}

/**
 * A delta request's names applied to the type's subscription (undefined before the type's first request). A first
 * request without names asks for everything where the type has the legacy wildcard, and for nothing elsewhere.
 * A name in both lists stays subscribed.
 */
export function changeSubscription(
  current: Subscription | undefined,
  typeUrl: string,
  subscribe: readonly string[],
  unsubscribe: readonly string[],
): SubscriptionChange {
  const asked = subscribe.filter((name) => name !== WILDCARD);
  if (current === undefined) {
    const wildcard = subscribe.length === 0 ? hasLegacyWildcard(typeUrl) : subscribe.includes(WILDCARD);
    return { next: { wildcard, names: namesOf(asked) }, asked, left: [] };
  }
  if (subscribe.length === 0 && unsubscribe.length === 0) return { next: current, asked: [], left: [] };
  const names = new Set(current.names);
  const left = unsubscribe.filter((name) => !asked.includes(name) && names.delete(name));
  for (const name of asked) names.add(name);
  const given = subscribe.includes(WILDCARD);
  const wildcard = given || (current.wildcard && !unsubscribe.includes(WILDCARD));
  return { next: { wildcard, names: namesOf(names) }, asked, left };
}

function namesOf(names: Iterable<string>): ReadonlySet<string> {
  const set = new Set(names);
  return set.size === 0 ? NO_NAMES : set;
}
