import type { Digest } from '../base/digest.ts';
import type { GuardrailRow, KeyRow, ModelRow, OfferRow, PoolRow, RouteRow, Tables, TeamRow } from '../tables/tables.ts';

/**
 * A revision, ready to decide: the tables as maps, since names in requests are chosen by strangers and an object has
 * members of its own (`constructor`).
 */
export interface Revision {
  readonly digest: Digest;
  readonly commit: string;
  /** By the digest of the key. */
  readonly keys: ReadonlyMap<string, KeyRow>;
  readonly keysByName: ReadonlyMap<string, KeyRow>;
  readonly teams: ReadonlyMap<string, TeamRow>;
  readonly names: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, ModelRow>;
  readonly offers: ReadonlyMap<string, OfferRow>;
  readonly pools: ReadonlyMap<string, PoolRow>;
  readonly routes: readonly RouteRow[];
  /** By the model's own name: the routes that serve it, in their order. */
  readonly routesByModel: ReadonlyMap<string, readonly RouteRow[]>;
  /** By stage; those without a route scope are evaluated before the match. */
  readonly guardrails: readonly GuardrailRow[];
  /** The headers that routes look at, each with the values that they name. */
  readonly matchHeaders: ReadonlyMap<string, ReadonlySet<string>>;
}

export function prepareRevision(digest: Digest, commit: string, tables: Tables): Revision {
  return {
    digest,
    commit,
    keys: new Map(Object.entries(tables.keys)),
    keysByName: new Map(Object.values(tables.keys).map((row) => [row.name, row])),
    teams: new Map(Object.entries(tables.teams)),
    names: new Map(Object.entries(tables.names)),
    models: new Map(Object.entries(tables.models)),
    offers: new Map(Object.entries(tables.offers)),
    pools: new Map(Object.entries(tables.pools)),
    routes: tables.routes,
    routesByModel: routesByModel(tables),
    guardrails: tables.guardrails,
    matchHeaders: matchHeaders(tables),
  };
}

function routesByModel({ models, routes }: Tables): Map<string, RouteRow[]> {
  const byModel = new Map<string, RouteRow[]>(Object.keys(models).map((name) => [name, []]));
  for (const route of routes) {
    for (const name of route.match.models === '*' ? byModel.keys() : route.match.models) byModel.get(name)?.push(route);
  }
  return byModel;
}

function matchHeaders({ routes }: Tables): Map<string, Set<string>> {
  const headers = new Map<string, Set<string>>();
  for (const { match } of routes) {
    for (const [name, value] of Object.entries(match.headers)) {
      headers.set(name, (headers.get(name) ?? new Set()).add(value));
    }
  }
  return headers;
}
