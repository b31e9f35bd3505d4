import type { RouteJson } from '../../gen/envoy/config/route/v3/route_components_pb.js';
import { RouteConfigurationSchema } from '../../gen/envoy/config/route/v3/route_pb.js';
import type { Fleet, Ir } from '../ir/ir.ts';
import { type Provider, providerCluster } from '../ir/upstream.ts';
import { HEADER } from '../ir/wire-names.ts';
import { adaptOnRoute } from './decide-filter.ts';
import { bodyBytesMax } from './edge-routes.ts';
import { NO_PROVIDER_CLUSTER, PROVIDER_ROUTES } from './names.ts';
import { type EnvoyResource, envoyResource } from './resource.ts';
import { isIpAddress, withoutBrackets } from './socket-address.ts';

/** The client's part of every path that providers replace by their own. */
const CLIENT_BASE_PATH = '/v1/';

/** What the two sides say to each other, and what the outer Envoy adds: no provider gets to see it. */
const PRIVATE_HEADERS = [
  HEADER.provider,
  HEADER.adapt,
  HEADER.decision,
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-envoy-attempt-count',
  'x-envoy-internal',
  'x-envoy-external-address',
  'x-envoy-expected-rq-timeout-ms',
  'x-request-id',
];

/**
 * The routes of the inner side: two per provider, the first for attempts whose body must be written anew. Path and host
 * are the provider's. A hop that outlived its provider ends as 503, which the outer side retries elsewhere.
 */
export function providerRoutes(ir: Ir, fleet: Fleet, revision: string): EnvoyResource {
  const bufferLimit = `${bodyBytesMax(ir)}`;
  const json = {
    name: PROVIDER_ROUTES,
    validateClusters: false,
    requestHeadersToRemove: PRIVATE_HEADERS,
    virtualHosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          ...ir.providers.flatMap((provider) => [
            providerRoute(provider, bufferLimit, revision),
            providerRoute(provider, bufferLimit),
          ]),
          { name: 'none', match: { prefix: '/' }, requestBodyBufferLimit: bufferLimit, route: toNowhere() },
        ],
      },
    ],
  };
  return envoyResource(RouteConfigurationSchema, json, [
    ...ir.providers.map((provider) => provider.origin),
    fleet.origin,
  ]);
}

/** With a revision the adapting route of the provider, else the plain one. */
function providerRoute(provider: Provider, bufferLimit: string, revision?: string): RouteJson {
  const adapts = revision !== undefined;
  return {
    name: adapts ? `${provider.name}-adapt` : provider.name,
    match: {
      prefix: CLIENT_BASE_PATH,
      headers: [
        { name: HEADER.provider, stringMatch: { exact: provider.name } },
        // Metadata that is not there is written as `-`, so presence says nothing.
        ...(adapts ? [{ name: HEADER.adapt, stringMatch: { prefix: '{' } }] : []),
      ],
    },
    requestBodyBufferLimit: bufferLimit,
    route: {
      cluster: providerCluster(provider.name),
      prefixRewrite: `${provider.endpoint.basePath}/`,
      hostRewriteLiteral: authority(provider),
      // The outer side bounds every try; a second clock here would only race with it.
      timeout: '0s',
      idleTimeout: '0s',
      clusterNotFoundResponseCode: 'SERVICE_UNAVAILABLE',
    },
    ...(adapts ? { typedPerFilterConfig: adaptOnRoute(revision) } : {}),
  };
}

function toNowhere(): NonNullable<RouteJson['route']> {
  return { cluster: NO_PROVIDER_CLUSTER, clusterNotFoundResponseCode: 'SERVICE_UNAVAILABLE' };
}

/** The Host header: the port only where it is not the scheme's own. */
function authority(provider: Provider): string {
  const { scheme, host, port } = provider.endpoint;
  const bare = withoutBrackets(host);
  const text = isIpAddress(bare) && bare.includes(':') ? `[${bare}]` : bare;
  return port === (scheme === 'https' ? 443 : 80) ? text : `${text}:${port}`;
}
