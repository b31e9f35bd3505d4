import type { Json } from '../base/canonical-json.ts';
import { type Digest, digestOfBytes, digestOfJson } from '../base/digest.ts';
import type { Ir } from '../ir/ir.ts';
import { type Model, type Offer, offerId } from '../ir/model.ts';
import { withoutOrigins } from '../ir/origin.ts';
import { attemptClass, type Route } from '../ir/route.ts';
import { hopCluster, poolCluster } from '../ir/upstream.ts';
import type { KeyRow, ModelRow, OfferRow, PoolRow, RouteRow, Tables, TeamRow } from './tables.ts';

/** The decision tables of a revision. Cannot fail: the language proved the references. */
export function buildTables(ir: Ir): Tables {
  return withoutOrigins({
    keys: Object.fromEntries(ir.keys.map(({ hash, origin: _origin, ...row }): [string, KeyRow] => [hash, row])),
    teams: Object.fromEntries(
      ir.teams.map(({ name, labels, models }): [string, TeamRow] => [name, { labels, models }]),
    ),
    names: namesOf(ir.models),
    models: Object.fromEntries(ir.models.map((model) => [model.name, modelRow(model)])),
    offers: Object.fromEntries(
      ir.models.flatMap((model) =>
        model.offers.map((offer) => [offerId(model.name, offer.name), offerRow(ir, model, offer)] as const),
      ),
    ),
    pools: Object.fromEntries(
      ir.pools.map(({ name, endpoints, origin: _origin, region: _region, ...row }): [string, PoolRow] => [
        name,
        { ...row, endpoints: endpoints.map((endpoint) => endpoint.address) },
      ]),
    ),
    routes: ir.routes.map(routeRow),
    guardrails: ir.guardrails,
  });
}

/**
 * What a revision means, as one digest: of the IR without places, of the tables and of the policy Wasm. Two commits
 * with the same digest are the same revision, and nothing is pushed when one follows the other. Tests say what must
 * hold, not what to do, so they are left out.
 */
export function revisionDigest(ir: Ir, tables: Tables, wasm: Uint8Array): Digest {
  const { tests: _tests, proofs: _proofs, policies: _policies, ...meaning } = withoutOrigins(ir);
  return digestOfJson({ ir: meaning, tables, wasm: digestOfBytes(wasm) } as unknown as Json);
}

function namesOf(models: readonly Model[]): Record<string, string> {
  return Object.fromEntries(models.flatMap(({ name, aliases }) => [name, ...aliases].map((known) => [known, name])));
}

function modelRow(model: Model): ModelRow {
  return {
    ...(model.class === undefined ? {} : { class: model.class }),
    contextTokens: model.contextTokens,
    ...(model.maxOutputTokens === undefined ? {} : { maxOutputTokens: model.maxOutputTokens }),
    capabilities: model.capabilities,
    offers: model.offers.map((offer) => offerId(model.name, offer.name)),
  };
}

function offerRow(ir: Ir, model: Model, offer: Offer): OfferRow {
  const shared = { model: model.name, name: offer.name, upstreamModel: offer.upstreamModel, price: offer.price };
  const { target } = offer;
  if (target.kind === 'pool') {
    const region = ir.pools.find((pool) => pool.name === target.pool)?.region;
    // What runs on own servers stays there: the retention of a pool is zero.
    const place = { ...(region === undefined ? {} : { region }), retention: 'zero' };
    return { ...shared, ...place, cluster: poolCluster(target.pool), pool: target.pool };
  }
  const provider = ir.providers.find((candidate) => candidate.name === target.provider);
  return {
    ...shared,
    ...(provider?.region === undefined ? {} : { region: provider.region }),
    ...(provider?.retention === undefined ? {} : { retention: provider.retention }),
    cluster: hopCluster(target.provider),
    provider: target.provider,
  };
}

function routeRow(route: Route): RouteRow {
  return {
    name: route.name,
    match: route.match,
    require: route.require,
    tiers: route.tiers,
    attempts: route.retry.attempts,
    attemptClass: attemptClass(route),
    timeouts: route.timeouts,
    bodyBytesMax: route.bodyBytesMax,
  };
}
