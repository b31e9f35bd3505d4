import type { ClusterJson } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { HeaderMutationJson } from '../../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js';
import { AiProtocolManagerSchema } from '../../gen/envoy/extensions/filters/http/ai_protocol_manager/v3/ai_protocol_manager_pb.js';
import { HeaderMutationSchema } from '../../gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js';
import { UpstreamCodecSchema } from '../../gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js';
import type { HttpFilterJson } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { HttpProtocolOptionsSchema } from '../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js';
import { CONNECTION_BUFFER_BYTES } from './listeners.ts';
import { FILTER } from './names.ts';
import { extension, packed, seconds } from './resource.ts';

const PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Envoy's own limits (1024 requests, 3 retries) would refuse work long before the engines are full. */
const CONNECTIONS_MAX = 10_000;
const PENDING_REQUESTS_MAX = 10_000;
const RETRIES_MAX = 10_000;
const REQUESTS_MAX = 100_000;

export interface UpstreamSettings {
  readonly connectTimeoutMs: number;
  /** A kept connection without a request is closed after this: sooner than the other side would. */
  readonly idleTimeoutMs: number;
  /** HTTP filters of each attempt, before the codec. */
  readonly filters: readonly HttpFilterJson[];
}

/** What every cluster that carries requests has in common: HTTP/1.1, explicit limits, filters per attempt. */
export function upstreamCluster(settings: UpstreamSettings): ClusterJson {
  return {
    connectTimeout: seconds(settings.connectTimeoutMs),
    perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
    circuitBreakers: {
      thresholds: [
        {
          maxConnections: CONNECTIONS_MAX,
          maxPendingRequests: PENDING_REQUESTS_MAX,
          maxRequests: REQUESTS_MAX,
          maxRetries: RETRIES_MAX,
        },
      ],
    },
    typedExtensionProtocolOptions: {
      [PROTOCOL_OPTIONS]: packed(HttpProtocolOptionsSchema, {
        commonHttpProtocolOptions: { idleTimeout: seconds(settings.idleTimeoutMs) },
        explicitHttpConfig: { httpProtocolOptions: {} },
        httpFilters: [...settings.filters, extension(FILTER.codec, UpstreamCodecSchema, {})],
      }),
    },
  };
}

/**
 * What an upstream could write to give Envoy orders, to speak as the gateway, or to lead the client to itself. The
 * decider lets only known headers out; this holds also for an answer that outlives it.
 */
const NOT_FROM_UPSTREAMS: HeaderMutationJson[] = [
  ...['x-envoy-', 'x-headgate-', 'headgate-'].map((prefix) => ({ removeOnMatch: { keyMatcher: { prefix } } })),
  { remove: 'set-cookie' },
  { remove: 'location' },
];

/** Header changes of one attempt. They add up over attempts, so each cluster undoes what others may have set. */
export function headersFilter(requestMutations: HeaderMutationJson[]): HttpFilterJson {
  return extension(FILTER.headers, HeaderMutationSchema, {
    mutations: { requestMutations, responseMutations: NOT_FROM_UPSTREAMS },
  });
}

/** Reads the token usage of an answer and adds trailers to it, so that usage comes with the answer's end. */
export function usageFilter(): HttpFilterJson {
  return extension(FILTER.usage, AiProtocolManagerSchema, {
    responseHandling: {
      tokenUsage: {
        includeUnconfiguredRoutes: true,
        defaultLlmProtocol: 'OPENAI_CHAT_COMPLETIONS',
        usageSignal: 'SYNTHESIZE_TRAILERS',
      },
    },
  });
}
