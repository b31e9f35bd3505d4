import { assert } from '../base/assert.ts';
import { perObject, perObjects } from '../base/remember.ts';
import { byCodeUnit, sortedBy } from '../base/text-order.ts';
import type { Fleet, Ir } from '../ir/ir.ts';
import { edgeRoutes } from './edge-routes.ts';
import { listeners } from './listeners.ts';
import { secretResourceName } from './names.ts';
import { openReferences } from './open-references.ts';
import { poolResources } from './pool-resources.ts';
import { providerResources, refuseResource } from './provider-resources.ts';
import { providerRoutes } from './provider-routes.ts';
import type { EnvoyResource } from './resource.ts';
import type { Authorities } from './upstream-tls.ts';

export interface CompileSettings {
  /** The digest of the revision: every request carries it to the decider. */
  readonly revision: string;
  readonly authorities: Authorities;
}

/** Everything that the proxies of one fleet are served, but for the values of secrets. */
export interface FleetResources {
  readonly fleet: string;
  /** By type URL, then by name. */
  readonly resources: readonly EnvoyResource[];
  /** The secrets that the resources refer to: each must be served, empty when there is no value. */
  readonly secrets: readonly SecretReference[];
}

export interface SecretReference {
  /** Its name in the boot settings. */
  readonly secret: string;
  readonly resource: string;
}

const resourcesOfFleet = perObject(listeners);
const resourcesOfPool = perObject(poolResources);
const resourcesOfProvider = perObjects(providerResources);

/**
 * The resources of a fleet. Cannot fail: what could is a diagnostic of the language. Asserts that every reference is
 * closed, and that no key would leave without TLS. What a pool or a provider becomes is worked out once.
 */
export function compileFleet(ir: Ir, fleet: Fleet, settings: CompileSettings): FleetResources {
  const resources = [
    ...resourcesOfFleet(fleet),
    edgeRoutes(ir, fleet, settings.revision),
    providerRoutes(ir, fleet, settings.revision),
    refuseResource(),
    ...ir.pools.flatMap(resourcesOfPool),
    ...ir.providers.flatMap((provider) => resourcesOfProvider(provider, settings.authorities)),
  ];
  const names = new Set(ir.providers.flatMap(({ secret }) => (secret === undefined ? [] : [secret])));
  const secrets = [...names].sort(byCodeUnit).map((secret) => ({ secret, resource: secretResourceName(secret) }));
  const sorted = sortedBy(resources, ({ typeUrl, name }) => `${typeUrl} ${name}`);
  const open = openReferences(
    sorted,
    secrets.map(({ resource }) => resource),
  );
  assert(open.length === 0, `the resources of fleet ${fleet.name} refer to what is not there: ${open.join(', ')}`);
  return { fleet: fleet.name, resources: sorted, secrets };
}
