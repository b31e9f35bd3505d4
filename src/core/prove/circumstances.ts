import { present } from '../base/assert.ts';
import type { Revision } from '../decide/revision.ts';
import type { OfferRow, RouteRow, TierRow } from '../tables/tables.ts';
import type { OfferPlace } from './bad-offers.ts';
import { type AskedSize, askedSizes } from './request-sizes.ts';
import { armChoices } from './split-arms.ts';

/** Everything beside the route that decides which offers a request of it can reach. */
export interface Circumstance extends AskedSize {
  /** The arm of each tier. */
  readonly arms: readonly number[];
  /** Pools with engines that are up, beside the pool of the wanted offer. */
  readonly poolsUp: 'all' | readonly string[];
  /** The wait in front of the engines of the wanted offer's pool. */
  readonly waitMs: number;
  /** A policy forbids every other offer. */
  readonly othersForbidden: boolean;
}

/**
 * The circumstances in which the offer at this place can be reached, the plainest first; an offer that is in none of
 * them is in none at all. Fewer offers before it are better for it, with one exception: the first pool of a list sets
 * the model's name in the body, and so an offer before it may keep others out. So it is asked with all pools up, with
 * its own alone, and with each other one beside it; for each set of models that a request can be too much for; for each
 * order that prices can give; and for each wait that the tiers tell apart. A policy that can forbid can leave it alone.
 */
export function* circumstances(
  revision: Revision,
  route: RouteRow,
  model: string,
  place: OfferPlace,
  canForbid: boolean,
): Generator<Circumstance> {
  const row = present(revision.offers.get(place.offer), 'the offer of a place');
  const splits = armChoices(route.tiers).filter((arms) => arms[place.tier] === place.arm);
  const waits = row.pool === undefined ? [0] : waitClasses(route.tiers);
  for (const othersForbidden of canForbid ? [false, true] : [false]) {
    for (const arms of splits) {
      const listed = route.tiers.map((tier, index) => rowsOf(revision, tier, arms[index] ?? 0, model));
      const sizes = [...askedSizes(revision, route, listed, row)];
      for (const poolsUp of upPools(listed, row)) {
        yield* sizes.flatMap((size) => waits.map((waitMs) => ({ ...size, arms, poolsUp, waitMs, othersForbidden })));
      }
    }
  }
}

/** The offers of one arm of a tier, for requests of a model. */
export function rowsOf(revision: Revision, tier: TierRow, index: number, model: string): OfferRow[] {
  const arm = present(tier.arms[index], 'an arm of the tier');
  const rows = revision.models.get(arm.model ?? model)?.offers.flatMap((id) => revision.offers.get(id) ?? []) ?? [];
  return rows.filter((row) => arm.offers === undefined || arm.offers.includes(row.name));
}

function upPools(listed: readonly (readonly OfferRow[])[], row: OfferRow): Circumstance['poolsUp'][] {
  const pools = new Set(listed.flat().flatMap(({ pool }) => (pool === undefined || pool === row.pool ? [] : [pool])));
  return pools.size === 0 ? ['all'] : ['all', [], ...[...pools].sort().map((pool) => [pool])];
}

/** One wait for every set of tiers that are left because of it. */
function waitClasses(tiers: readonly TierRow[]): number[] {
  const limits = tiers.flatMap(({ untilWaitMs }) => (untilWaitMs === undefined ? [] : [untilWaitMs + 1]));
  return [0, ...new Set(limits)];
}
