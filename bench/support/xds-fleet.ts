import { create, toBinary } from '@bufbuild/protobuf';
import { present } from '../../src/core/base/assert.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { Cluster_DiscoveryType, ClusterSchema } from '../../src/gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterLoadAssignmentSchema } from '../../src/gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { ListenerSchema } from '../../src/gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../src/gen/envoy/config/route/v3/route_pb.js';
import type { FleetResource } from '../../src/io/grpc/fleet-content.ts';

/** What a change may be of, by its name in a request. */
export type ChangedType = 'cds' | 'eds' | 'rds' | 'lds';

export const TYPE_OF: { readonly [type in ChangedType]: string } = {
  cds: TYPE_URL.cluster,
  eds: TYPE_URL.endpoints,
  rds: TYPE_URL.route,
  lds: TYPE_URL.listener,
};

export const ROUTE_TABLE = 'route-0';
const CLUSTER_BYTES = 1_024;
const ROUTE_TABLE_BYTES = 100 * 1_024;

export function clusterName(index: number): string {
  return `cluster-${String(index).padStart(6, '0')}`;
}

interface Item {
  readonly resource: FleetResource;
  readonly build: (version: number) => FleetResource;
  readonly version: number;
}

/**
 * One fleet: clusters of 1 KiB, an endpoint assignment of two endpoints for each, a listener and a route table of
 * 100 KiB. A function of the number of clusters and of the changes made.
 */
export class XdsFleet {
  readonly #items: { readonly [type in ChangedType]: Item[] };
  readonly #next: { [type in ChangedType]: number } = { cds: 0, eds: 0, rds: 0, lds: 0 };

  constructor(clusters: number) {
    const indices = Array.from({ length: clusters }, (_, index) => index);
    this.#items = {
      cds: indices.map((index) => itemOf((version) => clusterOf(clusterName(index), version))),
      eds: indices.map((index) => itemOf((version) => endpointsOf(clusterName(index), version))),
      rds: [itemOf((version) => routeTableOf(ROUTE_TABLE, version))],
      lds: [itemOf((version) => listenerOf('listener-0', version))],
    };
  }

  resources(): FleetResource[] {
    const { cds, eds, lds, rds } = this.#items;
    return [...cds, ...eds, ...lds, ...rds].map((item) => item.resource);
  }

  /** Changes the content, not the size, of the next `count` resources of a type, and gives their names. */
  change(type: ChangedType, count: number): string[] {
    const items = this.#items[type];
    const names: string[] = [];
    for (let turn = 0; turn < Math.min(count, items.length); turn += 1) {
      const at = this.#next[type] % items.length;
      this.#next[type] = at + 1;
      const { build, version } = present(items[at], 'an item at every place');
      items[at] = { build, version: version + 1, resource: build(version + 1) };
      names.push(present(items[at], 'the item just put').resource.name);
    }
    return names;
  }
}

function itemOf(build: Item['build']): Item {
  return { build, version: 0, resource: build(0) };
}

/** A version as a text of one length. */
function stamp(version: number): string {
  return String(version).padStart(10, '0');
}

/** A message of a size, by the length of a text in it. */
function padded(bytes: number, build: (padding: string) => Uint8Array): Uint8Array {
  const bare = build('').length;
  let padding = Math.max(0, bytes - bare);
  while (build('x'.repeat(padding)).length > bytes) padding -= 1;
  return build('x'.repeat(padding));
}

function clusterOf(name: string, version: number): FleetResource {
  const bytes = padded(CLUSTER_BYTES, (padding) =>
    toBinary(
      ClusterSchema,
      create(ClusterSchema, {
        name,
        clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.EDS },
        edsClusterConfig: {
          edsConfig: { resourceApiVersion: 2, configSourceSpecifier: { case: 'ads', value: {} } },
        },
        connectTimeout: { seconds: 1n },
        altStatName: `${stamp(version)}${padding}`,
      }),
    ),
  );
  return { typeUrl: TYPE_URL.cluster, name, bytes };
}

function endpointsOf(clusterName_: string, version: number): FleetResource {
  const endpoint = (last: number, portValue: number) => ({
    hostIdentifier: {
      case: 'endpoint' as const,
      value: {
        address: {
          address: {
            case: 'socketAddress' as const,
            value: { address: `10.0.0.${last}`, portSpecifier: { case: 'portValue' as const, value: portValue } },
          },
        },
      },
    },
  });
  const message = create(ClusterLoadAssignmentSchema, {
    clusterName: clusterName_,
    endpoints: [{ lbEndpoints: [endpoint(1, 20_000 + (version % 10_000)), endpoint(2, 20_000)] }],
  });
  return {
    typeUrl: TYPE_URL.endpoints,
    name: clusterName_,
    bytes: toBinary(ClusterLoadAssignmentSchema, message),
  };
}

function routeTableOf(name: string, version: number): FleetResource {
  const bytes = padded(ROUTE_TABLE_BYTES, (padding) =>
    toBinary(
      RouteConfigurationSchema,
      create(RouteConfigurationSchema, {
        name,
        virtualHosts: [{ name: `${stamp(version)}${padding}`, domains: ['*'], routes: [] }],
      }),
    ),
  );
  return { typeUrl: TYPE_URL.route, name, bytes };
}

function listenerOf(name: string, version: number): FleetResource {
  const message = create(ListenerSchema, { name, statPrefix: stamp(version) });
  return { typeUrl: TYPE_URL.listener, name, bytes: toBinary(ListenerSchema, message) };
}
