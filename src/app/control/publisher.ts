import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { withCarriedClusters } from '../../core/envoy/carried-clusters.ts';
import { compileFleet, type FleetResources } from '../../core/envoy/compile-fleet.ts';
import { neededExtensions } from '../../core/envoy/needed-extensions.ts';
import type { Authorities } from '../../core/envoy/upstream-tls.ts';
import type { Origin } from '../../core/ir/origin.ts';
import type { Tables } from '../../core/tables/tables.ts';
import type { Publication } from '../../io/grpc/fleet-content.ts';
import type { Bundle } from '../revision/bundle.ts';

/** Turns bundles into what the fleets are served, and a refusal of Envoy back into a place of the tree. */
export interface Publisher {
  readonly publish: (bundle: Bundle) => void;
  /** What a proxy refused, at the lines from which the refused resources come. */
  readonly explainRefusal: (refused: RefusedResources) => Diagnostic[];
}

/** A NACK: the resources of a fleet that one of its proxies refused, and what it said. */
export interface RefusedResources {
  readonly digest: Digest;
  readonly fleet: string;
  readonly typeUrl: string;
  readonly names: readonly string[];
  readonly message: string;
}

/** As far as the publisher knows the xDS server. */
export interface FleetServer {
  publish(fleet: string, publication: Publication): void;
  withdraw(fleet: string): void;
}

export function createPublisher(
  server: FleetServer,
  authorities: Authorities,
  /** Whose load is read from now on. */
  followEngines: (tables: Tables) => void,
): Publisher {
  /** By fleet: what it was served last. */
  const served = new Map<string, FleetResources>();
  const origins = new Map<Digest, readonly CompiledFleet[]>();
  return {
    publish: (bundle) => {
      const compiled = bundle.ir.fleets.map((fleet) => {
        const resources = compileFleet(bundle.ir, fleet, { revision: bundle.digest, authorities });
        return { cluster: fleet.cluster, resources };
      });
      for (const { cluster, resources } of compiled) {
        const previous = served.get(cluster)?.resources ?? [];
        server.publish(cluster, {
          revision: bundle.digest,
          resources: withCarriedClusters(resources.resources, previous),
          secretNames: resources.secrets.map(({ secret }) => secret),
          extensions: neededExtensions(resources.resources),
        });
        served.set(cluster, resources);
      }
      for (const cluster of served.keys()) {
        if (compiled.some((fleet) => fleet.cluster === cluster)) continue;
        server.withdraw(cluster);
        served.delete(cluster);
      }
      followEngines(bundle.tables);
      remember(origins, bundle.digest, compiled);
    },
    explainRefusal: ({ digest, fleet, typeUrl, names, message }) => {
      const { resources } = origins.get(digest)?.find(({ cluster }) => cluster === fleet)?.resources ?? {
        resources: [],
      };
      const refused = resources.filter((resource) => resource.typeUrl === typeUrl && names.includes(resource.name));
      const places = refused.flatMap(({ origins: [first] }) => (first === undefined ? [] : [first]));
      const kind = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
      if (places.length === 0) return [refusal({ file: '(compiled)', line: 1, column: 1 }, kind, names, message)];
      return places.map((place) => refusal(place, kind, names, message));
    },
  };
}

/** The resources of one fleet, by its `node.cluster`. */
interface CompiledFleet {
  readonly cluster: string;
  readonly resources: FleetResources;
}

/** Revisions whose resources are remembered for their places: the live one, the one before and the one on its way. */
const REMEMBERED_MAX = 4;

function remember(
  origins: Map<Digest, readonly CompiledFleet[]>,
  digest: Digest,
  compiled: readonly CompiledFleet[],
): void {
  origins.delete(digest);
  origins.set(digest, compiled);
  if (origins.size > REMEMBERED_MAX) origins.delete(present(origins.keys().next().value, 'the oldest revision'));
}

function refusal(place: Origin, kind: string, names: readonly string[], message: string): Diagnostic {
  const start = { line: place.line, column: place.column };
  const span = { file: place.file, start, end: { line: place.line, column: place.column + 1 } };
  const what = names.length === 0 ? kind : `${kind} ${names.join(', ')}`;
  return diagnostic('HG6001', span, `Envoy refused ${what}: ${message}`);
}
