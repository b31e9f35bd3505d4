import type { CircuitBreakersJson } from '../../gen/envoy/config/cluster/v3/circuit_breaker_pb.js';
import type { ClusterJson } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { RetryPolicyJson } from '../../gen/envoy/config/core/v3/base_pb.js';
import type { HealthCheckJson } from '../../gen/envoy/config/core/v3/health_check_pb.js';
import { ClusterLoadAssignmentSchema } from '../../gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { ClusterConfigSchema } from '../../gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.js';
import { PreviousHostsPredicateSchema } from '../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js';
import { PreviousPrioritiesConfigSchema } from '../../gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.js';
import { byCodeUnit } from '../base/text-order.ts';
import { OVER_ADS } from './ads.ts';
import {
  connecting,
  grpcCluster,
  http2,
  placeAddress,
  type ServerPlace,
  type SocketPlace,
} from './bootstrap-clusters.ts';
import { DECIDERS_CLUSTER, EXT_PROC_CLUSTER, STANDING_DECIDER_CLUSTER } from './names.ts';
import { type EnvoyResource, envoyResource, extension, seconds } from './resource.ts';

/** An ext_proc stream stays open as long as its request, so open streams are the requests in flight. */
const REQUESTS_MAX = 100_000;
const CONNECTIONS_MAX = 1_000;
const STREAMS_PER_CONNECTION_MAX = 1_000;
/** Envoy's own limit of 3 would let a burst fail in the seconds until a dead decider is found out. */
const RETRIES_MAX = 10_000;

const BREAKERS: CircuitBreakersJson = {
  thresholds: [
    {
      maxConnections: CONNECTIONS_MAX,
      maxPendingRequests: REQUESTS_MAX,
      maxRequests: REQUESTS_MAX,
      maxRetries: RETRIES_MAX,
    },
  ],
};

/**
 * Each proxy checks each decider: at 3,000 proxies that is 1,500 checks a second for a decider. One that says that it
 * leaves is believed at once, one that is silent at the second time; requests find another one meanwhile.
 */
export const HEALTH_INTERVAL_MS = 2_000;
const HEALTH_TIMEOUT_MS = 1_000;
/** Of a proxy that nobody asks anything. */
const HEALTH_INTERVAL_IDLE_MS = 5_000;
const HEALTH: HealthCheckJson = {
  timeout: seconds(HEALTH_TIMEOUT_MS),
  interval: seconds(HEALTH_INTERVAL_MS),
  noTrafficInterval: seconds(HEALTH_INTERVAL_IDLE_MS),
  intervalJitterPercent: 10,
  unhealthyThreshold: 2,
  healthyThreshold: 1,
  grpcHealthCheck: {},
};

/** As long as one registered decider is well, all requests go to those that are, however few. */
const ANY_WELL_ONE_IS_ENOUGH = 1_000_000;

/** Two tries at registered deciders, then two at the standing one: by then another answer is not to be had. */
const ASKED_MAX = 4;
const ASKED_PER_PRIORITY = 2;
/** Where a decider was drawn that failed before, it is drawn again so often. */
const DRAWN_MAX = 5;
/** The next one is another: there is nothing to wait for. */
const BACK_OFF_MS = 5;
const BACK_OFF_MAX_MS = 25;

/**
 * The clusters behind the name by which filters ask: the deciders that registered with the control plane, whose
 * endpoints come over ADS, and where none of them is well the one at the bootstrap's own address. All are static,
 * since a gRPC service of Envoy may name no other.
 */
export function deciderClusters(standing: ServerPlace): ClusterJson[] {
  const protocol = { typedExtensionProtocolOptions: http2({ maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX }) };
  return [
    {
      name: EXT_PROC_CLUSTER,
      clusterType: extension('envoy.clusters.aggregate', ClusterConfigSchema, {
        clusters: [DECIDERS_CLUSTER, STANDING_DECIDER_CLUSTER],
      }),
      lbPolicy: 'CLUSTER_PROVIDED',
      ...connecting({}),
      circuitBreakers: BREAKERS,
    },
    {
      name: DECIDERS_CLUSTER,
      type: 'EDS',
      edsClusterConfig: { edsConfig: OVER_ADS },
      ...connecting(standing),
      circuitBreakers: BREAKERS,
      ...protocol,
      healthChecks: [HEALTH],
      // Else one that has left would be asked until its health check fails.
      ignoreHealthOnHostRemoval: true,
      commonLbConfig: {
        healthyPanicThreshold: { value: 0 },
        // Else what a health check found would wait a second for its turn.
        updateMergeWindow: '0s',
      },
    },
    { ...grpcCluster(STANDING_DECIDER_CLUSTER, standing), circuitBreakers: BREAKERS, ...protocol },
  ];
}

/** The endpoints of the registered deciders, the same for every fleet. */
export function deciderEndpoints(places: readonly SocketPlace[]): EnvoyResource {
  const addresses = places
    .map((place) => placeAddress(place))
    .sort((left, right) => byCodeUnit(JSON.stringify(left), JSON.stringify(right)));
  const endpoints =
    addresses.length === 0 ? [] : [{ lbEndpoints: addresses.map((address) => ({ endpoint: { address } })) }];
  const policy = { overprovisioningFactor: ANY_WELL_ONE_IS_ENOUGH };
  return envoyResource(ClusterLoadAssignmentSchema, { clusterName: DECIDERS_CLUSTER, policy, endpoints }, []);
}

/**
 * What becomes of an ext_proc stream to which no decider has said anything yet: it goes to another one. One that breaks
 * off later is the filter's own failure, since the decider may have begun.
 */
export function askAnotherDecider(): RetryPolicyJson {
  return {
    retryOn: 'connect-failure,refused-stream,reset,unavailable,resource-exhausted',
    numRetries: ASKED_MAX - 1,
    retryBackOff: { baseInterval: seconds(BACK_OFF_MS), maxInterval: seconds(BACK_OFF_MAX_MS) },
    retryPriority: extension('envoy.retry_priorities.previous_priorities', PreviousPrioritiesConfigSchema, {
      updateFrequency: ASKED_PER_PRIORITY,
    }),
    retryHostPredicate: [extension('envoy.retry_host_predicates.previous_hosts', PreviousHostsPredicateSchema, {})],
    hostSelectionRetryMaxAttempts: `${DRAWN_MAX}`,
  };
}
