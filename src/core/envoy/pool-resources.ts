import type { LoadBalancingPolicyJson } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { LocalityLbEndpointsJson } from '../../gen/envoy/config/endpoint/v3/endpoint_components_pb.js';
import { ClusterLoadAssignmentSchema } from '../../gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { LeastRequestSchema } from '../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.js';
import { OverrideHostSchema } from '../../gen/envoy/extensions/load_balancing_policies/override_host/v3/override_host_pb.js';
import { sortedBy } from '../base/text-order.ts';
import { type Pool, poolCluster } from '../ir/upstream.ts';
import { HEADER, NAMESPACE } from '../ir/wire-names.ts';
import { OVER_ADS } from './ads.ts';
import { type EnvoyResource, envoyResource, extension } from './resource.ts';
import { hostPortAddress, socketAddress } from './socket-address.ts';
import { headersFilter, upstreamCluster, usageFilter } from './upstream-cluster.ts';

const CONNECT_TIMEOUT_MS = 1_000;

/** Engines on uvicorn close an idle connection after 5 s; a request that meets the closing one would be lost. */
const IDLE_TIMEOUT_MS = 4_000;

/** Nothing listens there. */
const SENTINEL = socketAddress('127.0.0.1', 1);

/** The cluster of a pool and its endpoints. Requests go straight to the engine that the decision names. */
export function poolResources(pool: Pool): EnvoyResource[] {
  const cluster = {
    name: poolCluster(pool.name),
    type: 'EDS' as const,
    edsClusterConfig: { edsConfig: OVER_ADS },
    // Else a failed health check would send load to engines that are dead.
    commonLbConfig: { healthyPanicThreshold: { value: 0 } },
    loadBalancingPolicy: namedHostFirst(),
    ...upstreamCluster({
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      // An earlier attempt may have been a hop, which set these.
      filters: [
        headersFilter([HEADER.provider, HEADER.adapt, HEADER.decision].map((remove) => ({ remove }))),
        usageFilter(),
      ],
    }),
  };
  return [envoyResource(ClusterSchema, cluster, [pool.origin]), poolEndpoints(pool)];
}

/**
 * One key and one list for all pools of a request: Envoy reads the first attempt's list and walks it over all attempts,
 * skipping hosts that a cluster does not have. Where the list ends the pool chooses by itself.
 */
function namedHostFirst(): LoadBalancingPolicyJson {
  const fallback = extension('envoy.load_balancing_policies.least_request', LeastRequestSchema, {});
  const policy = extension('envoy.load_balancing_policies.override_host', OverrideHostSchema, {
    overrideHostSources: [{ metadata: { key: NAMESPACE.hosts, path: [{ key: 'hosts' }] } }],
    selectedHostKey: { key: NAMESPACE.served, path: [{ key: 'hosts' }] },
    fallbackPolicy: { policies: [{ typedExtensionConfig: fallback }] },
  });
  return { policies: [{ typedExtensionConfig: policy }] };
}

/**
 * The sentinel at priority 1 makes an empty pool refuse connections, which is retried elsewhere; without it Envoy ends
 * the request at once. Health is ours: the decision names only engines that are well.
 */
function poolEndpoints(pool: Pool): EnvoyResource {
  const engines = sortedBy(pool.endpoints, (endpoint) => endpoint.address);
  const priorities: LocalityLbEndpointsJson[] = [
    { priority: 0, lbEndpoints: engines.map(({ address }) => ({ endpoint: { address: hostPortAddress(address) } })) },
    { priority: 1, lbEndpoints: [{ endpoint: { address: SENTINEL } }] },
  ];
  const assignment = { clusterName: poolCluster(pool.name), endpoints: priorities };
  return envoyResource(ClusterLoadAssignmentSchema, assignment, [...engines.map(({ origin }) => origin), pool.origin]);
}
