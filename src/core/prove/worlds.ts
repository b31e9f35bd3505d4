import type { Revision } from '../decide/revision.ts';
import type { OfferRow, RouteRow, TierRow } from '../tables/tables.ts';
import { rowsOf } from './circumstances.ts';
import type { World } from './decide-in.ts';
import { type AskedSize, askedSizes } from './request-sizes.ts';
import { armChoices } from './split-arms.ts';

/** What a request of a route asks for, and the arm that it gets in each tier. */
export interface AskedArms extends AskedSize {
  readonly arms: readonly number[];
}

/** Every request of the route that one of its offers can serve, as far as the offers treat them differently. */
export function* askedArms(revision: Revision, route: RouteRow, model: string): Generator<AskedArms> {
  for (const arms of armChoices(route.tiers)) {
    const listed = route.tiers.map((tier, index) => rowsOf(revision, tier, arms[index] ?? 0, model));
    const byModel = new Map(listed.flat().map((row) => [row.model, row]));
    const sizes = [...byModel.values()].flatMap((row) => [...askedSizes(revision, route, listed, row)]);
    const each = new Map(sizes.map((size) => [JSON.stringify(size), size]));
    for (const size of each.values()) yield { ...size, arms };
  }
}

/** How it stands with the pools: the wait of each one of which an engine is up. */
export type PoolStates = ReadonlyMap<string, number>;

/** Every state of the route's pools that its tiers tell apart, the plainest first: all are up, and nobody waits. */
export function* poolStates(
  revision: Revision,
  route: RouteRow,
  { arms }: AskedArms,
  model: string,
): Generator<PoolStates> {
  const rows = route.tiers.flatMap((tier, index): OfferRow[] => rowsOf(revision, tier, arms[index] ?? 0, model));
  const pools = [...new Set(rows.flatMap(({ pool }) => (pool === undefined ? [] : [pool])))].sort();
  yield* statesOf(pools, waitClasses(route.tiers, pools.length));
}

function* statesOf([pool, ...others]: readonly string[], waits: readonly number[]): Generator<PoolStates> {
  if (pool === undefined) {
    yield new Map();
    return;
  }
  for (const wait of [...waits, undefined]) {
    for (const rest of statesOf(others, waits)) yield wait === undefined ? rest : new Map([[pool, wait], ...rest]);
  }
}

/** One wait for every set of tiers that are left because of it; as many as there are pools where load orders them. */
function waitClasses(tiers: readonly TierRow[], pools: number): number[] {
  const limits = tiers.flatMap(({ untilWaitMs }) => (untilWaitMs === undefined ? [] : [untilWaitMs + 1]));
  const least = [...new Set([0, ...limits])];
  const places = tiers.some(({ order }) => order === 'load') ? pools : 1;
  const waits = least.flatMap((wait) => Array.from({ length: Math.max(1, places) }, (_, index) => wait + index));
  return [...new Set(waits)];
}

export function worldOf(asked: AskedArms, states: PoolStates, forbidden: readonly string[]): World {
  return { ...asked, waitMsOf: (pool) => states.get(pool), forbidden };
}
