/** Resource names that do not follow from a pool or a provider (those are in ir/upstream.ts). */

/** Static clusters of the bootstrap: resources name the first, `dynamic_resources` the second. */
export const EXT_PROC_CLUSTER = 'headgate_ext_proc';
export const XDS_CLUSTER = 'headgate_xds';

/** What stands behind the first, also in the bootstrap: the registered deciders, and the one at its own address. */
export const DECIDERS_CLUSTER = 'headgate_deciders';
export const STANDING_DECIDER_CLUSTER = 'headgate_standing_decider';

/** Names that must stay without a cluster: a route to one answers 503 NC, and its body limit still counts. */
export const NO_DECISION_CLUSTER = 'headgate-no-decision';
export const NO_PROVIDER_CLUSTER = 'headgate-no-provider';

/** Where a request goes whose decision brought no attempt list: a port on which nothing listens. */
export const REFUSE_CLUSTER = 'headgate-refuse';

/** Route configurations: the same names in every revision, so that listeners never change. */
export const EDGE_ROUTES = 'edge';
export const PROVIDER_ROUTES = 'providers';

/** The internal listener behind all hops. */
export const PROVIDERS_LISTENER = 'providers';

/** HTTP filters. A route's per-filter settings find upstream filters by name too, so no two may share one. */
export const FILTER = {
  decide: 'envoy.filters.http.ext_proc',
  adapt: 'headgate.adapt',
  router: 'envoy.filters.http.router',
  headers: 'headgate.headers',
  usage: 'headgate.usage',
  key: 'headgate.key',
  codec: 'envoy.filters.http.upstream_codec',
} as const;

const EDGE_PREFIX = 'edge-';

/** The Envoy listener of a Fleet's listener. */
export function edgeListener(listener: string): string {
  return `${EDGE_PREFIX}${listener}`;
}

/** The Fleet's listener of an Envoy listener, undefined for the internal one. */
export function fleetListener(envoyListener: string): string | undefined {
  return envoyListener.startsWith(EDGE_PREFIX) ? envoyListener.slice(EDGE_PREFIX.length) : undefined;
}

/** The SDS resource of a secret of the boot settings. */
export function secretResourceName(secret: string): string {
  return `secret-${secret}`;
}
