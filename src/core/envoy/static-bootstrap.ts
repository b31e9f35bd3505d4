import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { type BootstrapSettings, bootstrap } from './bootstrap.ts';
import type { FleetResources } from './compile-fleet.ts';
import { resourceJson } from './open-references.ts';
import type { EnvoyResource } from './resource.ts';
import { secretResource } from './secret-resource.ts';

const PORT_MAX = 65_535;
/** What stands for the value of every secret. */
const PLACEHOLDER = 'placeholder';

/**
 * The bootstrap of a proxy with the resources of several fleets in the file instead of over xDS, for
 * `envoy --mode validate`: what is asked for over ADS is put in its place, secrets hold a placeholder, listeners carry
 * `staticListenerName`, and of those that want the same address all but one move to a free port. `holds` leaves clusters
 * and listeners out.
 */
export function staticBootstrap(
  settings: BootstrapSettings,
  fleets: readonly FleetResources[],
  holds: (resource: EnvoyResource) => boolean = () => true,
): JsonObject {
  const { dynamicResources: _, staticResources, ...rest } = bootstrap(settings) as JsonObject;
  const servers = ((staticResources as JsonObject).clusters as JsonObject[]).map(withoutEndpoints);
  // Fleets share pools, providers and secrets.
  const clusters = new Map<string, JsonValue>();
  const secrets = new Map<string, JsonValue>();
  const listeners: JsonValue[] = [];
  const taken = new Set<string>();
  for (const fleet of fleets) {
    const inPlace = placing(fleet);
    for (const resource of fleet.resources.filter(holds)) {
      if (isOf('Cluster', resource) && !clusters.has(resource.name)) {
        clusters.set(resource.name, rewritten(resourceJson(resource), inPlace));
      }
      if (isOf('Listener', resource)) {
        const listener = rewritten(resourceJson(resource), inPlace) as JsonObject;
        listeners.push({ ...alone(listener, taken), name: staticListenerName(fleet.fleet, resource.name) });
      }
    }
    for (const { secret } of fleet.secrets) secrets.set(secret, resourceJson(secretResource(secret, PLACEHOLDER)));
  }
  return {
    ...rest,
    staticResources: { listeners, clusters: [...servers, ...clusters.values()], secrets: [...secrets.values()] },
  };
}

/** A cluster of the bootstrap that gets its endpoints over xDS, with none. */
function withoutEndpoints(cluster: JsonObject): JsonObject {
  const { edsClusterConfig, ...rest } = cluster;
  if (edsClusterConfig === undefined) return cluster;
  return { ...rest, type: 'STATIC', loadAssignment: { clusterName: String(cluster.name) } };
}

/** Listeners of several fleets have the same names, and in one proxy each needs its own. */
export function staticListenerName(fleet: string, listener: string): string {
  return `${fleet}:${listener}`;
}

export function isOf(
  type: 'Cluster' | 'Listener' | 'RouteConfiguration' | 'ClusterLoadAssignment',
  resource: EnvoyResource,
) {
  return resource.typeUrl.endsWith(`.${type}`);
}

/** Replaces each reference by what the fleet holds under that name. */
function placing({ resources }: FleetResources): (value: JsonObject) => JsonObject {
  const named = (type: Parameters<typeof isOf>[0]) =>
    new Map(resources.filter((resource) => isOf(type, resource)).map((resource) => [resource.name, resource]));
  const routes = named('RouteConfiguration');
  const endpoints = named('ClusterLoadAssignment');
  const json = (resource: EnvoyResource | undefined) => (resource === undefined ? null : resourceJson(resource));
  return (value) => {
    const { rds, edsClusterConfig, sdsConfig: _, ...rest } = value;
    if (rds !== undefined) {
      return { ...rest, routeConfig: json(routes.get(String((rds as JsonObject).routeConfigName))) };
    }
    if (edsClusterConfig !== undefined) {
      return { ...rest, type: 'STATIC', loadAssignment: json(endpoints.get(String(rest.name))) };
    }
    return rest;
  };
}

/** The listener at an address of its own; an internal listener has none, and its name is enough. */
function alone(listener: JsonObject, taken: Set<string>): JsonObject {
  const socket = (listener.address as JsonObject | undefined)?.socketAddress as JsonObject | undefined;
  if (socket === undefined) return listener;
  let port = Number(socket.portValue);
  // Ports are compared without hosts: one that listens on all addresses clashes with every other.
  for (let free = PORT_MAX; taken.has(`${port}`); free -= 1) port = free;
  taken.add(`${port}`);
  return { ...listener, address: { socketAddress: { ...socket, portValue: port } } };
}

/** The value with every object replaced by what `change` makes of it, outermost first. */
function rewritten(value: JsonValue, change: (object: JsonObject) => JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, change));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(change(value)).map(([key, member]) => [key, rewritten(member, change)] as const);
  return Object.fromEntries(entries);
}
