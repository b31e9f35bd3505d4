import type { ListenerJson } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { ListenerSchema } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { RouterSchema } from '../../gen/envoy/extensions/filters/http/router/v3/router_pb.js';
import type {
  HttpConnectionManagerJson,
  HttpFilterJson,
} from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { HttpConnectionManagerSchema } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { HeaderMutationSchema } from '../../gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js';
import type { Fleet, Listener } from '../ir/ir.ts';
import { edgeAccessLog } from './access-log.ts';
import { OVER_ADS } from './ads.ts';
import { adaptFilter, decideFilter } from './decide-filter.ts';
import { EDGE_LOCAL_REPLIES, PROVIDER_LOCAL_REPLIES } from './local-replies.ts';
import { EDGE_ROUTES, edgeListener, FILTER, PROVIDER_ROUTES, PROVIDERS_LISTENER } from './names.ts';
import { type EnvoyResource, envoyResource, extension, seconds } from './resource.ts';
import { socketAddress } from './socket-address.ts';

/** A connection's read buffer, Envoy's own default. Bodies have their own limit, on their route. */
export const CONNECTION_BUFFER_BYTES = 1_048_576;

/** A stream on which nothing moves: what is not bounded by its route yet (a body that stops coming) ends after this. */
const STREAM_IDLE_TIMEOUT_MS = 300_000;

/** Headers arrive in one piece from any honest client. */
const REQUEST_HEADERS_TIMEOUT_MS = 10_000;

/** An idle client connection is kept this long. */
const CONNECTION_IDLE_TIMEOUT_MS = 3_600_000;

/**
 * All listeners of a fleet. They depend on addresses alone and never on a revision's content: Envoy cuts the running
 * answers of a listener that changes once its drain time is over.
 */
export function listeners(fleet: Fleet): EnvoyResource[] {
  const own = fleet.listeners.map((listener) =>
    envoyResource(ListenerSchema, edge(listener), [listener.origin, fleet.origin]),
  );
  return [...own, envoyResource(ListenerSchema, providers(), [fleet.origin])];
}

function edge(listener: Listener): ListenerJson {
  const name = edgeListener(listener.name);
  return {
    name,
    address: socketAddress(listener.address, listener.port),
    enableReusePort: true,
    perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
    filterChains: chain({
      statPrefix: name,
      codecType: 'AUTO',
      useRemoteAddress: true,
      serverName: 'headgate',
      normalizePath: true,
      commonHttpProtocolOptions: { idleTimeout: seconds(CONNECTION_IDLE_TIMEOUT_MS) },
      streamIdleTimeout: seconds(STREAM_IDLE_TIMEOUT_MS),
      requestHeadersTimeout: seconds(REQUEST_HEADERS_TIMEOUT_MS),
      accessLog: [edgeAccessLog()],
      earlyHeaderMutationExtensions: [stripInternalHeaders()],
      localReplyConfig: { mappers: EDGE_LOCAL_REPLIES },
      httpFilters: [decideFilter(), router()],
      rds: { configSource: OVER_ADS, routeConfigName: EDGE_ROUTES },
    }),
  };
}

/** The inner listener: one for all providers, reached through hops only. */
function providers(): ListenerJson {
  return {
    name: PROVIDERS_LISTENER,
    internalListener: {},
    perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
    filterChains: chain({
      statPrefix: PROVIDERS_LISTENER,
      codecType: 'AUTO',
      serverHeaderTransformation: 'PASS_THROUGH',
      generateRequestId: false,
      skipXffAppend: true,
      commonHttpProtocolOptions: { idleTimeout: seconds(CONNECTION_IDLE_TIMEOUT_MS) },
      streamIdleTimeout: seconds(STREAM_IDLE_TIMEOUT_MS),
      localReplyConfig: { mappers: PROVIDER_LOCAL_REPLIES },
      httpFilters: [adaptFilter(), router()],
      rds: { configSource: OVER_ADS, routeConfigName: PROVIDER_ROUTES },
    }),
  };
}

function chain(manager: HttpConnectionManagerJson): NonNullable<ListenerJson['filterChains']> {
  return [
    { filters: [extension('envoy.filters.network.http_connection_manager', HttpConnectionManagerSchema, manager)] },
  ];
}

/** Before the route is chosen, so that no client can send a decision, a time-out, a retry count or an endpoint. */
function stripInternalHeaders() {
  const prefixes = ['x-headgate-', 'x-gateway-destination-endpoint', 'x-envoy-'];
  return extension('envoy.http.early_header_mutation.header_mutation', HeaderMutationSchema, {
    mutations: prefixes.map((prefix) => ({ removeOnMatch: { keyMatcher: { prefix } } })),
  });
}

function router(): HttpFilterJson {
  return extension(FILTER.router, RouterSchema, { suppressEnvoyHeaders: true });
}
