import { fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterLoadAssignmentSchema } from '../../gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { ListenerSchema } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../gen/envoy/config/route/v3/route_pb.js';
import { present } from '../base/assert.ts';
import { perObject } from '../base/remember.ts';
import { byCodeUnit } from '../base/text-order.ts';
import { EXT_PROC_CLUSTER, NO_DECISION_CLUSTER, NO_PROVIDER_CLUSTER } from './names.ts';
import { envoyRegistry } from './registry.ts';
import { type EnvoyResource, typeUrlOf } from './resource.ts';

type Kind = 'cluster' | 'endpoints' | 'routes' | 'listener' | 'secret';

/** Clusters that are not served: one is in the bootstrap, the others must not exist. */
const OUTSIDE = [EXT_PROC_CLUSTER, NO_DECISION_CLUSTER, NO_PROVIDER_CLUSTER];

const KIND_OF_TYPE: ReadonlyMap<string, Kind> = new Map([
  [typeUrlOf(ClusterSchema), 'cluster'],
  [typeUrlOf(ClusterLoadAssignmentSchema), 'endpoints'],
  [typeUrlOf(RouteConfigurationSchema), 'routes'],
  [typeUrlOf(ListenerSchema), 'listener'],
]);

/** A resource as JSON with its nested messages resolved, keys in the order of the message. */
export function resourceJson(resource: EnvoyResource): JsonValue {
  const schema = present(envoyRegistry.getMessage(resource.typeUrl.replace(/^.*\//, '')), resource.typeUrl);
  return toJson(schema, fromBinary(schema, resource.bytes), { registry: envoyRegistry });
}

/**
 * What the resources name and neither they nor `secrets` (SDS resource names) hold, as `kind name`, sorted. Envoy does
 * not check routes: a hole there is a 503 at the first request.
 */
export function openReferences(resources: readonly EnvoyResource[], secrets: readonly string[]): string[] {
  const held = new Set([...OUTSIDE.map((name) => `cluster ${name}`), ...secrets.map((name) => `secret ${name}`)]);
  for (const { typeUrl, name } of resources) held.add(`${KIND_OF_TYPE.get(typeUrl)} ${name}`);
  const named = resources.flatMap(referencesOf);
  return [...new Set(named)].filter((reference) => !held.has(reference)).sort(byCodeUnit);
}

const referencesOf = perObject((resource: EnvoyResource) => [...references(resourceJson(resource))]);

function* references(value: JsonValue): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* references(item);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
  const { cluster, clusterName, edsClusterConfig, endpoints, name, routeConfigName, sdsConfig, serverListenerName } =
    value;
  if (typeof cluster === 'string') yield `cluster ${cluster}`;
  // A load assignment names the cluster that it is for; anything else the cluster that it wants.
  if (typeof clusterName === 'string' && endpoints === undefined) yield `cluster ${clusterName}`;
  if (edsClusterConfig !== undefined) yield `endpoints ${String(name)}`;
  if (typeof routeConfigName === 'string') yield `routes ${routeConfigName}`;
  if (typeof serverListenerName === 'string') yield `listener ${serverListenerName}`;
  if (sdsConfig !== undefined) yield `secret ${String(name)}`;
  for (const member of Object.values(value)) yield* references(member);
}
