const PREFIX = 'type.googleapis.com/';

/** The type URLs whose order and subscription rules the machine knows. Any other type is served without order. */
export const TYPE_URL = {
  secret: `${PREFIX}envoy.extensions.transport_sockets.tls.v3.Secret`,
  cluster: `${PREFIX}envoy.config.cluster.v3.Cluster`,
  endpoints: `${PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`,
  extension: `${PREFIX}envoy.config.core.v3.TypedExtensionConfig`,
  listener: `${PREFIX}envoy.config.listener.v3.Listener`,
  scopedRoute: `${PREFIX}envoy.config.route.v3.ScopedRouteConfiguration`,
  route: `${PREFIX}envoy.config.route.v3.RouteConfiguration`,
  virtualHost: `${PREFIX}envoy.config.route.v3.VirtualHost`,
} as const;

const { secret, cluster, endpoints, extension, listener, scopedRoute, route, virtualHost } = TYPE_URL;

/** Additions and changes go out in this order: what is referred to before what refers to it. */
const MAKE_ORDER: readonly string[] = [
  secret,
  cluster,
  endpoints,
  extension,
  listener,
  scopedRoute,
  route,
  virtualHost,
];

/**
 * Removals go out in this order. A listener goes before its routes: the proxy then gives up the routes by itself, and
 * the same holds for a cluster and its endpoints and secrets.
 */
const BREAK_ORDER: readonly string[] = [
  listener,
  scopedRoute,
  route,
  virtualHost,
  extension,
  cluster,
  endpoints,
  secret,
];

const BELOW_LISTENER: readonly string[] = [secret, cluster, endpoints];
const BELOW_ROUTE: readonly string[] = [...BELOW_LISTENER, extension, listener];

/**
 * The types that must be acknowledged before a type's additions and changes are sent. Clusters wait for no one: Envoy
 * acknowledges a cluster only once it is warm, and it is warm only once its secrets and endpoints were answered.
 */
const WAITS_FOR: ReadonlyMap<string, readonly string[]> = new Map([
  [extension, BELOW_LISTENER],
  [listener, BELOW_LISTENER],
  [scopedRoute, BELOW_ROUTE],
  [route, BELOW_ROUTE],
  [virtualHost, [...BELOW_ROUTE, scopedRoute, route]],
]);

export function waitsFor(typeUrl: string): readonly string[] {
  return WAITS_FOR.get(typeUrl) ?? [];
}

/** The given types in the order in which additions go out; unknown types, which nothing waits for, first. */
export function inMakeOrder(typeUrls: Iterable<string>): string[] {
  return [...typeUrls].sort((left, right) => MAKE_ORDER.indexOf(left) - MAKE_ORDER.indexOf(right));
}

/** The given types in the order in which removals go out; unknown types first. */
export function inBreakOrder(typeUrls: Iterable<string>): string[] {
  return [...typeUrls].sort((left, right) => BREAK_ORDER.indexOf(left) - BREAK_ORDER.indexOf(right));
}

export function hasOrder(typeUrl: string): boolean {
  return MAKE_ORDER.includes(typeUrl);
}

/** Only for these types does a first request without names mean "all" (xDS protocol, "How the client specifies"). */
export function hasLegacyWildcard(typeUrl: string): boolean {
  return typeUrl === listener || typeUrl === cluster;
}
