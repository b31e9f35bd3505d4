import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnvoyResource, envoyResource, extension } from '../../src/core/envoy/resource.ts';
import { ClusterSchema } from '../../src/gen/envoy/config/cluster/v3/cluster_pb.js';
import type { ApiConfigSourceJson, ConfigSourceJson } from '../../src/gen/envoy/config/core/v3/config_source_pb.js';
import { ClusterLoadAssignmentSchema } from '../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { ListenerSchema } from '../../src/gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../src/gen/envoy/config/route/v3/route_pb.js';
import { MinimumClustersValidatorSchema } from '../../src/gen/envoy/extensions/config/validators/minimum_clusters/v3/minimum_clusters_pb.js';
import { RouterSchema } from '../../src/gen/envoy/extensions/filters/http/router/v3/router_pb.js';
import { HttpConnectionManagerSchema } from '../../src/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { type EnvoyProcess, runEnvoy } from '../integration/xds-envoy-process.ts';
import type { Manner } from './discovery-client.ts';

export interface MannerEnvoySettings {
  readonly id: string;
  readonly manner: Manner;
  /** Whether it reports the load of its upstreams. */
  readonly isReporting?: boolean;
  /** The sockets of its control planes, in `folder`. */
  readonly servers?: readonly string[];
  /** Whether its bootstrap forbids to take away all clusters, as ours does. */
  readonly keepsClusters?: boolean;
}

/** A real Envoy that asks for its configuration in a given manner. */
export async function startMannerEnvoy(
  binary: string,
  folder: string,
  { id, manner, isReporting = false, servers = ['xds.sock'], keepsClusters = false }: MannerEnvoySettings,
): Promise<EnvoyProcess> {
  const adminPath = join(folder, `${id}-admin.sock`);
  const file = join(folder, `${id}.json`);
  const guard = keepsClusters ? { configValidators: [MINIMUM_CLUSTERS] } : {};
  const source = { ...sourceOf(manner), initialFetchTimeout: '0s' };
  await writeFile(
    file,
    JSON.stringify({
      node: { id, cluster: 'edge' },
      admin: { address: { pipe: { path: adminPath } } },
      ...(isReporting ? { clusterManager: { loadStatsConfig: overGrpc('GRPC') } } : {}),
      dynamicResources: {
        ...(manner.isAggregated
          ? { adsConfig: { ...overGrpc(manner.isDelta ? 'DELTA_GRPC' : 'GRPC'), ...guard } }
          : {}),
        ldsConfig: source,
        cdsConfig: source,
      },
      staticResources: { clusters: [xdsCluster(servers.map((name) => join(folder, name)))] },
    }),
  );
  return runEnvoy(binary, file, adminPath);
}

const MINIMUM_CLUSTERS = extension('envoy.config.validators.minimum_clusters', MinimumClustersValidatorSchema, {
  minClustersNum: 1,
});

function sourceOf({ isAggregated, isDelta }: Manner): ConfigSourceJson {
  const timeout = { resourceApiVersion: 'V3', initialFetchTimeout: '3s' } as const;
  if (isAggregated) return { ads: {}, ...timeout };
  return { apiConfigSource: overGrpc(isDelta ? 'DELTA_GRPC' : 'GRPC'), ...timeout };
}

function overGrpc(apiType: 'GRPC' | 'DELTA_GRPC'): ApiConfigSourceJson {
  const grpcServices = [{ envoyGrpc: { clusterName: 'xds' } }];
  return { apiType, transportApiVersion: 'V3', setNodeOnFirstMessageOnly: true, grpcServices };
}

function xdsCluster(paths: readonly string[]) {
  const options = { '@type': `type.googleapis.com/${HTTP_OPTIONS}`, explicitHttpConfig: { http2ProtocolOptions: {} } };
  return {
    name: 'xds',
    type: 'STATIC',
    connectTimeout: '1s',
    typedExtensionProtocolOptions: { [HTTP_OPTIONS]: options },
    loadAssignment: {
      clusterName: 'xds',
      endpoints: [{ lbEndpoints: paths.map((path) => ({ endpoint: { address: { pipe: { path } } } })) }],
    },
  };
}

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** A cluster whose endpoints come in the same manner, and its one endpoint. */
export function mannerCluster(manner: Manner, name: string, port: number): EnvoyResource[] {
  const address = { socketAddress: { address: '127.0.0.1', portValue: port } };
  return [
    envoyResource(
      ClusterSchema,
      { name, type: 'EDS', connectTimeout: '1s', edsClusterConfig: { edsConfig: sourceOf(manner) } },
      [],
    ),
    envoyResource(
      ClusterLoadAssignmentSchema,
      { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] },
      [],
    ),
  ];
}

/** A listener whose routes come in the same manner, and routes that send everything to one cluster. */
export function mannerListener(manner: Manner, port: number, cluster: string): EnvoyResource[] {
  const manager = extension('http', HttpConnectionManagerSchema, {
    statPrefix: 'in',
    rds: { routeConfigName: 'routes', configSource: sourceOf(manner) },
    httpFilters: [extension('router', RouterSchema, {})],
  });
  const address = { socketAddress: { address: '127.0.0.1', portValue: port } };
  const routes = [{ match: { prefix: '/' }, route: { cluster } }];
  return [
    envoyResource(ListenerSchema, { name: 'in', address, filterChains: [{ filters: [manager] }] }, []),
    envoyResource(
      RouteConfigurationSchema,
      { name: 'routes', virtualHosts: [{ name: 'all', domains: ['*'], routes }] },
      [],
    ),
  ];
}
