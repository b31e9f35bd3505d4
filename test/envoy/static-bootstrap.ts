import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { type BootstrapSettings, bootstrap } from '../../src/core/envoy/bootstrap.ts';
import type { FleetResources } from '../../src/core/envoy/compile-fleet.ts';
import { resourceJson } from '../../src/core/envoy/open-references.ts';
import type { EnvoyResource } from '../../src/core/envoy/resource.ts';
import { secretResource } from '../../src/core/envoy/secret-resource.ts';

/**
 * The bootstrap of a proxy with all its resources in the file instead of over xDS, for `envoy --mode validate`: what is
 * asked for over ADS is put in its place, and nothing else is changed.
 */
export function staticBootstrap(settings: BootstrapSettings, { resources, secrets }: FleetResources): JsonObject {
  const ofType = (type: string): EnvoyResource[] => resources.filter(({ typeUrl }) => typeUrl.endsWith(`.${type}`));
  const routes = byName(ofType('RouteConfiguration'));
  const endpoints = byName(ofType('ClusterLoadAssignment'));
  const inPlace = (value: JsonObject): JsonObject => {
    const { rds, edsClusterConfig, sdsConfig: _, ...rest } = value;
    if (rds !== undefined)
      return { ...rest, routeConfig: routes.get(String((rds as JsonObject).routeConfigName)) ?? null };
    if (edsClusterConfig !== undefined)
      return { ...rest, type: 'STATIC', loadAssignment: endpoints.get(String(rest.name)) ?? null };
    return rest;
  };
  const { dynamicResources: _, staticResources, ...rest } = bootstrap(settings) as JsonObject;
  const servers = (staticResources as JsonObject).clusters as JsonValue[];
  return {
    ...rest,
    staticResources: {
      listeners: ofType('Listener').map((resource) => rewritten(resourceJson(resource), inPlace)),
      clusters: [...servers, ...ofType('Cluster').map((resource) => rewritten(resourceJson(resource), inPlace))],
      secrets: secrets.map(({ secret }) => resourceJson(secretResource(secret, 'a-key'))),
    },
  };
}

function byName(resources: readonly EnvoyResource[]): Map<string, JsonValue> {
  return new Map(resources.map((resource) => [resource.name, resourceJson(resource)]));
}

/** The value with every object replaced by what `change` makes of it, outermost first. */
function rewritten(value: JsonValue, change: (object: JsonObject) => JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, change));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(change(value)).map(([key, member]) => [key, rewritten(member, change)] as const);
  return Object.fromEntries(entries);
}
