import { perObject, perObjects } from '../base/remember.ts';
import type { Guardrail } from '../ir/guardrail.ts';
import type { Key, Team } from '../ir/identity.ts';
import type { Ir } from '../ir/ir.ts';
import { type Model, type Offer, offerId } from '../ir/model.ts';
import { withoutOrigins } from '../ir/origin.ts';
import { attemptClass, type Route } from '../ir/route.ts';
import { hopCluster, type Pool, type Provider, poolCluster } from '../ir/upstream.ts';
import type { GuardrailRow, KeyRow, ModelRow, OfferRow, PoolRow, RouteRow, Tables, TeamRow } from './tables.ts';

/**
 * The decision tables of a revision. Cannot fail: the language proved the references. A list of the model that is the
 * same one as before gives the same table, and a node of it the same row.
 */
export function buildTables(ir: Ir): Tables {
  return {
    keys: keysOf(ir.keys),
    teams: teamsOf(ir.teams),
    names: namesOf(ir.models),
    models: modelsOf(ir.models),
    offers: offersOf(ir.models, ir.pools, ir.providers),
    pools: poolsOf(ir.pools),
    routes: routesOf(ir.routes),
    guardrails: guardrailsOf(ir.guardrails),
  };
}

const keyRow = perObject(({ hash: _hash, origin: _origin, ...row }: Key): KeyRow => row);
const keysOf = perObject((keys: readonly Key[]) => Object.fromEntries(keys.map((key) => [key.hash, keyRow(key)])));

const teamRow = perObject(({ labels, models }: Team): TeamRow => ({ labels, models }));
const teamsOf = perObject((teams: readonly Team[]) =>
  Object.fromEntries(teams.map((team) => [team.name, teamRow(team)])),
);

const namesOf = perObject(
  (models: readonly Model[]): Record<string, string> =>
    Object.fromEntries(models.flatMap(({ name, aliases }) => [name, ...aliases].map((known) => [known, name]))),
);

const modelRow = perObject(
  (model: Model): ModelRow => ({
    ...(model.class === undefined ? {} : { class: model.class }),
    contextTokens: model.contextTokens,
    ...(model.maxOutputTokens === undefined ? {} : { maxOutputTokens: model.maxOutputTokens }),
    capabilities: model.capabilities,
    offers: model.offers.map((offer) => offerId(model.name, offer.name)),
  }),
);
const modelsOf = perObject((models: readonly Model[]) =>
  Object.fromEntries(models.map((model) => [model.name, modelRow(model)])),
);

const poolsByName = perObject((pools: readonly Pool[]) => new Map(pools.map((pool) => [pool.name, pool])));
const providersByName = perObject(
  (providers: readonly Provider[]) => new Map(providers.map((provider) => [provider.name, provider])),
);

const offerRows = perObjects((model: Model, pools: readonly Pool[], providers: readonly Provider[]) =>
  model.offers.map((offer) => [offerId(model.name, offer.name), offerRow(model, offer, pools, providers)] as const),
);
const offersOf = perObjects((models: readonly Model[], pools: readonly Pool[], providers: readonly Provider[]) =>
  Object.fromEntries(models.flatMap((model) => offerRows(model, pools, providers))),
);

function offerRow(model: Model, offer: Offer, pools: readonly Pool[], providers: readonly Provider[]): OfferRow {
  const shared = { model: model.name, name: offer.name, upstreamModel: offer.upstreamModel, price: offer.price };
  const { target } = offer;
  if (target.kind === 'pool') {
    const region = poolsByName(pools).get(target.pool)?.region;
    // What runs on own servers stays there: the retention of a pool is zero.
    const place = { ...(region === undefined ? {} : { region }), retention: 'zero' };
    return { ...shared, ...place, cluster: poolCluster(target.pool), pool: target.pool };
  }
  const provider = providersByName(providers).get(target.provider);
  return {
    ...shared,
    ...(provider?.region === undefined ? {} : { region: provider.region }),
    ...(provider?.retention === undefined ? {} : { retention: provider.retention }),
    cluster: hopCluster(target.provider),
    provider: target.provider,
  };
}

const poolRow = perObject(
  ({ name: _name, endpoints, origin: _origin, region: _region, ...row }: Pool): PoolRow => ({
    ...row,
    endpoints: endpoints.map((endpoint) => endpoint.address),
  }),
);
const poolsOf = perObject((pools: readonly Pool[]) =>
  Object.fromEntries(pools.map((pool) => [pool.name, poolRow(pool)])),
);

const routeRow = perObject(
  (route: Route): RouteRow => ({
    name: route.name,
    match: route.match,
    require: route.require,
    tiers: withoutOrigins(route.tiers),
    attempts: route.retry.attempts,
    attemptClass: attemptClass(route),
    timeouts: route.timeouts,
    bodyBytesMax: route.bodyBytesMax,
  }),
);
const routesOf = perObject((routes: readonly Route[]): readonly RouteRow[] => routes.map(routeRow));

const guardrailRow = perObject(({ origin: _origin, ...row }: Guardrail): GuardrailRow => row);
const guardrailsOf = perObject((guardrails: readonly Guardrail[]): readonly GuardrailRow[] =>
  guardrails.map(guardrailRow),
);
