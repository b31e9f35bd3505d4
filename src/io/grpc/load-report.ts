import type { Address } from '../../gen/envoy/config/core/v3/address_pb.js';
import type {
  ClusterStats,
  EndpointLoadMetricStats,
  UpstreamLocalityStats,
} from '../../gen/envoy/config/endpoint/v3/load_report_pb.js';

/** What one proxy saw of its upstreams since its report before. */
export interface LoadReport {
  readonly node: string;
  readonly clusters: readonly ClusterLoad[];
}

export interface ClusterLoad {
  readonly cluster: string;
  /** The name by which its endpoints are asked for, empty where that is the cluster's. */
  readonly service: string;
  readonly intervalMs: number;
  /** Requests that were never sent, for instance because a circuit breaker was open. */
  readonly dropped: number;
  readonly localities: readonly LocalityLoad[];
}

export interface LocalityLoad {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  readonly priority: number;
  readonly requests: RequestLoad;
  /** Empty where the proxy does not report by endpoint. */
  readonly endpoints: readonly EndpointLoad[];
}

export interface EndpointLoad {
  /** `HOST:PORT`, or the path of a Unix socket; empty for any other kind of address. */
  readonly address: string;
  readonly requests: RequestLoad;
}

export interface RequestLoad {
  readonly issued: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly inProgress: number;
  /** What upstreams said of themselves (ORCA), by name: the sum over so many requests. */
  readonly metrics: ReadonlyMap<string, { readonly requests: number; readonly total: number }>;
}

/** Counters are uint64 on the wire; those of one interval are far below what a number holds exactly. */
export function clusterLoad(stats: ClusterStats): ClusterLoad {
  const { seconds = 0n, nanos = 0 } = stats.loadReportInterval ?? {};
  return {
    cluster: stats.clusterName,
    service: stats.clusterServiceName,
    intervalMs: Number(seconds) * 1_000 + Math.round(nanos / 1e6),
    dropped: Number(stats.totalDroppedRequests),
    localities: stats.upstreamLocalityStats.map(localityLoad),
  };
}

function localityLoad(stats: UpstreamLocalityStats): LocalityLoad {
  const { region = '', zone = '', subZone = '' } = stats.locality ?? {};
  return {
    region,
    zone,
    subZone,
    priority: stats.priority,
    requests: requestLoad(stats),
    endpoints: stats.upstreamEndpointStats.map((endpoint) => ({
      address: addressText(endpoint.address),
      requests: requestLoad(endpoint),
    })),
  };
}

interface Counters {
  readonly totalIssuedRequests: bigint;
  readonly totalSuccessfulRequests: bigint;
  readonly totalErrorRequests: bigint;
  readonly totalRequestsInProgress: bigint;
  readonly loadMetricStats: readonly EndpointLoadMetricStats[];
}

function requestLoad(counters: Counters): RequestLoad {
  return {
    issued: Number(counters.totalIssuedRequests),
    succeeded: Number(counters.totalSuccessfulRequests),
    failed: Number(counters.totalErrorRequests),
    inProgress: Number(counters.totalRequestsInProgress),
    metrics: new Map(
      counters.loadMetricStats.map(({ metricName, numRequestsFinishedWithMetric, totalMetricValue }) => [
        metricName,
        { requests: Number(numRequestsFinishedWithMetric), total: totalMetricValue },
      ]),
    ),
  };
}

function addressText(address: Address | undefined): string {
  switch (address?.address.case) {
    case 'socketAddress': {
      const { address: host, portSpecifier } = address.address.value;
      return `${host.includes(':') ? `[${host}]` : host}:${portSpecifier.value ?? 0}`;
    }
    case 'pipe':
      return address.address.value.path;
    default:
      return '';
  }
}
