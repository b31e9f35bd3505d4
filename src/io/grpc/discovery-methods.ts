import type { Channel } from '../../core/xds/channel.ts';
import { NEW_STREAM } from '../../core/xds/stream.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { decodeDeltaRequest } from './delta-request.ts';
import { encodeReply } from './delta-wire.ts';
import { requestReader } from './request-reader.ts';
import { decodeSotwRequest, encodeSotwReply } from './sotw-wire.ts';
import type { XdsVariant } from './xds-variant.ts';

/** Layers of runtime values: the machine knows no order for them. */
const RUNTIME = 'type.googleapis.com/envoy.service.runtime.v3.Runtime';

/** The separate services: the package below `envoy.service`, the service, the ending of its methods, and its type. */
const SERVICES = [
  ['listener', 'ListenerDiscoveryService', 'Listeners', TYPE_URL.listener],
  ['route', 'RouteDiscoveryService', 'Routes', TYPE_URL.route],
  ['route', 'ScopedRoutesDiscoveryService', 'ScopedRoutes', TYPE_URL.scopedRoute],
  ['route', 'VirtualHostDiscoveryService', 'VirtualHosts', TYPE_URL.virtualHost],
  ['cluster', 'ClusterDiscoveryService', 'Clusters', TYPE_URL.cluster],
  ['endpoint', 'EndpointDiscoveryService', 'Endpoints', TYPE_URL.endpoints],
  ['secret', 'SecretDiscoveryService', 'Secrets', TYPE_URL.secret],
  ['runtime', 'RuntimeDiscoveryService', 'Runtime', RUNTIME],
  ['extension', 'ExtensionConfigDiscoveryService', 'ExtensionConfigs', TYPE_URL.extension],
] as const;

/** Virtual hosts come on demand, which the state-of-the-world variant cannot say. */
const DELTA_ONLY: readonly string[] = [TYPE_URL.virtualHost];

/**
 * Every method by which resources are discovered (row C1): the aggregated service and those of one type, in both
 * variants. `isOrdered` tells whether the types of an aggregated stream wait for each other.
 */
export function discoveryMethods(isOrdered = true): readonly XdsVariant[] {
  const aggregated = '/envoy.service.discovery.v3.AggregatedDiscoveryService/';
  return [
    delta(`${aggregated}DeltaAggregatedResources`, { service: undefined, isOrdered }),
    sotw(`${aggregated}StreamAggregatedResources`, { service: undefined, isOrdered }),
    ...SERVICES.flatMap(([folder, name, ending, service]) => {
      const path = `/envoy.service.${folder}.v3.${name}/`;
      const where = { service, isOrdered: false };
      const both = [delta(`${path}Delta${ending}`, where)];
      return DELTA_ONLY.includes(service) ? both : [...both, sotw(`${path}Stream${ending}`, where)];
    }),
  ];
}

function delta(path: string, where: Omit<Channel, 'variant'>): XdsVariant {
  return {
    path,
    opening: { ...NEW_STREAM, channel: { variant: 'delta', ...where } },
    read: requestReader({
      nodeField: 1,
      decode: (bytes) => ({ kind: 'request', request: decodeDeltaRequest(bytes) }),
      isCommon: (event) => event.kind === 'request' && event.request.initialVersions.size === 0,
    }),
    write: encodeReply,
  };
}

function sotw(path: string, where: Omit<Channel, 'variant'>): XdsVariant {
  return {
    path,
    opening: { ...NEW_STREAM, channel: { variant: 'sotw', ...where } },
    read: requestReader({
      nodeField: 2,
      decode: (bytes) => ({ kind: 'sotw-request', request: decodeSotwRequest(bytes) }),
      isCommon: () => true,
    }),
    write: encodeSotwReply,
  };
}
