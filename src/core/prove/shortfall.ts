import type { Revision } from '../decide/revision.ts';
import type { WantedTry } from '../ir/proof.ts';
import type { RouteRow } from '../tables/tables.ts';
import { decideIn, triedOffers } from './decide-in.ts';
import { offerIs } from './offer-condition.ts';
import { CIRCUMSTANCES_MAX } from './reach.ts';
import { type AskedArms, askedArms, type PoolStates, poolStates, worldOf } from './worlds.ts';

/** A request whose tries lack one that is wanted. */
export interface Shortfall {
  readonly kind: 'short';
  readonly wanted: WantedTry;
  /** The offers that are tried, in order, each once; none where nobody can serve. */
  readonly tried: readonly string[];
  readonly asked: AskedArms;
  readonly states: PoolStates;
  /** A policy forbids every offer that is wanted. */
  readonly isForbidden: boolean;
}

export type ShortfallSearch = Shortfall | { readonly kind: 'none' | 'unserved' | 'unknown' };

/**
 * Looks for a request of the route, for the model, whose tries lack one that is wanted: in every state of the pools, and
 * for every size that some offer can serve when all is well. Where a policy can forbid, the worst that it can do is to
 * forbid all that is wanted and nothing else; a request of which it forbids every offer is refused, and no shortfall.
 */
export function findShortfall(
  revision: Revision,
  route: RouteRow,
  model: string,
  wanted: readonly WantedTry[],
  canForbid: boolean,
): ShortfallSearch {
  let looked = 0;
  let served = false;
  for (const situation of situations(revision, route, model, forbiddings(revision, wanted, canForbid))) {
    looked += 1;
    if (looked > CIRCUMSTANCES_MAX) return { kind: 'unknown' };
    served = true;
    const { asked, states, isForbidden, tried } = situation;
    const lacking = wanted.find((want) => !hasTry(revision, tried, want));
    if (lacking === undefined || (isForbidden && tried.length === 0)) continue;
    return { kind: 'short', wanted: lacking, tried, asked, states, isForbidden };
  }
  return { kind: served ? 'none' : 'unserved' };
}

type Forbidding = readonly [isForbidden: boolean, offers: readonly string[]];

/** Every size that some offer serves when all is well, in every state of the pools, with every such set forbidden. */
function* situations(
  revision: Revision,
  route: RouteRow,
  model: string,
  each: readonly Forbidding[],
): Generator<Omit<Shortfall, 'kind' | 'wanted'>> {
  for (const asked of askedArms(revision, route, model)) {
    const triedIn = (states: PoolStates, forbidden: readonly string[]): string[] =>
      triedOffers(decideIn(revision, route, model, worldOf(asked, states, forbidden)).plan);
    let isFirst = true;
    for (const states of poolStates(revision, route, asked, model)) {
      // In the first state all is well: what nobody serves even then is too much for all.
      if (isFirst && triedIn(states, []).length === 0) break;
      isFirst = false;
      for (const [isForbidden, forbidden] of each) {
        yield { asked, states, isForbidden, tried: triedIn(states, forbidden) };
      }
    }
  }
}

function forbiddings({ offers }: Revision, wanted: readonly WantedTry[], canForbid: boolean): Forbidding[] {
  if (!canForbid) return [[false, []]];
  const each = wanted.map(({ offer }) => [...offers].flatMap(([id, row]) => (offerIs(row, offer) ? [id] : [])));
  return [[false, []], ...each.map((ids): Forbidding => [true, ids])];
}

function hasTry({ offers }: Revision, tried: readonly string[], { place, offer }: WantedTry): boolean {
  const is = (id: string | undefined): boolean => {
    const row = offers.get(id ?? '');
    return row !== undefined && offerIs(row, offer);
  };
  switch (place) {
    case 'any':
      return tried.some(is);
    case 'first':
      return is(tried[0]);
    case 'last':
      return is(tried.at(-1));
  }
}
