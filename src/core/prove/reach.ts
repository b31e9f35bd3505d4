import type { Revision } from '../decide/revision.ts';
import type { RouteRow } from '../tables/tables.ts';
import type { OfferPlace } from './bad-offers.ts';
import { type Circumstance, circumstances } from './circumstances.ts';
import { decideIn, triedOffers, type World } from './decide-in.ts';

/** Whether a request of the route, for the model, can come to try the offer at a place. */
export type Reach =
  /** `before`: offers that are tried before it and must fail, in order, each once. */
  | { readonly kind: 'reached'; readonly circumstance: Circumstance; readonly before: readonly string[] }
  | { readonly kind: 'never' }
  /** There are more circumstances than are looked at. */
  | { readonly kind: 'unknown' };

/** A second of work. Ordinary routes need a few of them; this many take hundreds of prices and splits in one route. */
export const CIRCUMSTANCES_MAX = 50_000;

export function reach(
  revision: Revision,
  route: RouteRow,
  model: string,
  place: OfferPlace,
  canForbid: boolean,
): Reach {
  let looked = 0;
  for (const circumstance of circumstances(revision, route, model, place, canForbid)) {
    looked += 1;
    if (looked > CIRCUMSTANCES_MAX) return { kind: 'unknown' };
    const { choice, plan } = decideIn(revision, route, model, worldOf(revision, place, circumstance));
    const tried = triedOffers(plan);
    const at = tried.indexOf(place.offer);
    if (at !== -1) return { kind: 'reached', circumstance, before: tried.slice(0, at) };
    // What the route requires, the offer has in no circumstance.
    const removal = choice.removed.find(({ offer }) => offer === place.offer)?.reason;
    if (removal === 'region' || removal === 'retention') return { kind: 'never' };
  }
  return { kind: 'never' };
}

/** The world of a circumstance: of other pools, those that are up wait for nothing. */
function worldOf(
  revision: Revision,
  { offer: wanted }: OfferPlace,
  { poolsUp, waitMs, othersForbidden, ...asked }: Circumstance,
): World {
  const own = revision.offers.get(wanted)?.pool;
  const waitMsOf = (pool: string): number | undefined => {
    if (pool === own) return waitMs;
    return poolsUp === 'all' || poolsUp.includes(pool) ? 0 : undefined;
  };
  const forbidden = othersForbidden ? [...revision.offers.keys()].filter((offer) => offer !== wanted) : [];
  return { ...asked, waitMsOf, forbidden };
}
