import { sameJson } from '../base/same-json.ts';
import type { Revision } from '../decide/revision.ts';
import type { ModelRow, OfferRow, RouteRow } from '../tables/tables.ts';

/** All that a decision on a request for a model can come to, but for the load of pools. */
export interface ModelReach {
  /** The name behind the name that was asked for; undefined for one that nobody has. */
  readonly model: string | undefined;
  readonly routes: readonly RouteRow[];
  /** Of the model itself, and those that its routes split to. */
  readonly models: ReadonlyMap<string, ModelRow>;
  readonly offers: ReadonlyMap<string, OfferRow>;
}

export function reachOf(revision: Revision, name: string): ModelReach {
  const model = revision.names.get(name);
  const routes = revision.routesByModel.get(model ?? '') ?? [];
  const arms = routes.flatMap(({ tiers }) => tiers.flatMap((tier) => tier.arms));
  const names = [...new Set([model, ...arms.map((arm) => arm.model)])].filter((one) => one !== undefined).sort();
  const models = rowsOf(revision.models, names);
  const offers = rowsOf(
    revision.offers,
    [...models.values()].flatMap((row) => row.offers),
  );
  return { model, routes, models, offers };
}

/** The pools whose engines an offer may send to, as often as offers name them. */
export function poolsOf({ offers }: ModelReach): string[] {
  return [...offers.values()].flatMap(({ pool }) => pool ?? []);
}

/** Whether both lead the same way. The time-outs and the largest body of a route choose nobody. */
export function chooseAlike(base: ModelReach, head: ModelReach): boolean {
  return alike({ ...base, routes: base.routes.map(choosing) }, { ...head, routes: head.routes.map(choosing) });
}

function choosing({ name, match, require, tiers, attempts }: RouteRow) {
  return { name, match, require, tiers, attempts };
}

/** Whether both say the same in everything, also of pools. */
export function reachAlike(base: Revision, head: Revision, name: string): boolean {
  const [before, after] = [reachOf(base, name), reachOf(head, name)];
  const areAlike = alike(before, after);
  return areAlike && poolsOf(before).every((pool) => sameJson(base.pools.get(pool), head.pools.get(pool)));
}

interface Reached {
  readonly model: string | undefined;
  readonly routes: readonly object[];
  readonly models: ReadonlyMap<string, ModelRow>;
  readonly offers: ReadonlyMap<string, OfferRow>;
}

function alike(base: Reached, head: Reached): boolean {
  return (
    base.model === head.model &&
    sameJson(base.routes, head.routes) &&
    sameJson([...base.models], [...head.models]) &&
    sameJson([...base.offers], [...head.offers])
  );
}

function rowsOf<T>(rows: ReadonlyMap<string, T>, names: readonly string[]): ReadonlyMap<string, T> {
  return new Map(
    names.flatMap((name) => {
      const row = rows.get(name);
      return row === undefined ? [] : [[name, row] as const];
    }),
  );
}
