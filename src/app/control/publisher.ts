import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { withCarriedClusters } from '../../core/envoy/carried-clusters.ts';
import { compileFleet, type FleetResources } from '../../core/envoy/compile-fleet.ts';
import { neededExtensions } from '../../core/envoy/needed-extensions.ts';
import type { EnvoyResource } from '../../core/envoy/resource.ts';
import type { Authorities } from '../../core/envoy/upstream-tls.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { WaveNodes } from '../../core/rollout/waves.ts';
import type { Tables } from '../../core/tables/tables.ts';
import type { Publication } from '../../io/grpc/fleet-content.ts';
import type { Trial } from '../../io/grpc/fleet-tracks.ts';
import type { Bundle } from '../revision/bundle.ts';
import { enginePools } from './engine-pools.ts';
import { createRefusalPlaces, type RefusedResources } from './refusal-places.ts';

/** Turns bundles into what the fleets are served, and a refusal of Envoy back into a place of the tree. */
export interface Publisher {
  /** All proxies shall have the revision. Where it was offered to all already, nothing is sent. */
  readonly publish: (bundle: Bundle) => void;
  /**
   * These proxies, by fleet, shall have the revision, and all others what was published last. A fleet that was never
   * published has it at once.
   */
  readonly offer: (bundle: Bundle, nodes: ReadonlyMap<string, WaveNodes>) => void;
  /**
   * The proxies that were offered a revision shall have what was published last, as the others do: one push. Those of a
   * fleet that was never published before it shall hold nothing.
   */
  readonly takeBack: () => void;
  /** What a proxy refused, at the lines from which the refused resources come. */
  readonly explainRefusal: (refused: RefusedResources) => Diagnostic[];
}

/** As far as the publisher knows the xDS server. */
export interface FleetServer {
  publish(fleet: string, publication: Publication, trial?: Trial): void;
  withdraw(fleet: string): void;
}

/** What a fleet is served of one revision. */
interface Served {
  readonly resources: FleetResources;
  readonly publication: Publication;
}

/** One revision by the `node.cluster` of its fleets. */
interface ServedRevision {
  readonly digest: Digest;
  readonly ir: Ir;
  readonly tables: Tables;
  readonly fleets: ReadonlyMap<string, Served>;
}

/** A revision and the proxies that were offered it, by fleet. */
interface OfferedRevision {
  readonly revision: ServedRevision;
  readonly nodes: ReadonlyMap<string, WaveNodes>;
}

export function createPublisher(
  server: FleetServer,
  authorities: Authorities,
  /** Whose load is read from now on. */
  followEngines: (pools: Pick<Tables, 'pools'>) => void,
): Publisher {
  let stable: ServedRevision | undefined;
  let trial: OfferedRevision | undefined;
  const places = createRefusalPlaces();
  const revisionOf = (bundle: Bundle): ServedRevision => {
    if (trial?.revision.digest === bundle.digest) return trial.revision;
    const { digest, tables } = bundle;
    const compiled = bundle.ir.fleets.map((fleet) => {
      const { cluster } = fleet;
      const resources = compileFleet(bundle.ir, fleet, { revision: digest, authorities });
      const before = [stable, trial?.revision].flatMap((each) => each?.fleets.get(cluster)?.resources.resources ?? []);
      return [cluster, { resources, publication: publicationOf(digest, resources, before) }] as const;
    });
    const fleets = compiled.map(([cluster, { resources }]) => ({ cluster, resources }));
    places.remember(digest, { ir: bundle.ir, fleets, before: stable?.ir });
    return { digest, ir: bundle.ir, tables, fleets: new Map(compiled) };
  };
  return {
    publish: (bundle) => {
      const revision = revisionOf(bundle);
      for (const [cluster, { publication }] of revision.fleets) server.publish(cluster, publication);
      for (const cluster of stable?.fleets.keys() ?? []) if (!revision.fleets.has(cluster)) server.withdraw(cluster);
      emptyOthers(server, trial?.revision, [revision, stable]);
      stable = revision;
      trial = undefined;
      followEngines(revision.tables);
    },
    offer: (bundle, nodes) => {
      const revision = revisionOf(bundle);
      if (stable !== undefined && trial !== undefined) stable = withClustersOf(stable, trial, nodes);
      emptyOthers(server, trial?.revision, [revision, stable]);
      trial = { revision, nodes };
      for (const [cluster, { publication }] of revision.fleets) {
        const offered = nodes.get(cluster);
        const kept = stable?.fleets.get(cluster)?.publication;
        if (kept !== undefined) server.publish(cluster, kept, offered && { publication, nodes: offered });
        else if (offered !== undefined) server.publish(cluster, publication);
      }
      followEngines(enginePools(stable === undefined ? [revision.tables] : [stable.tables, revision.tables]));
    },
    takeBack: () => {
      if (trial === undefined || stable === undefined) return;
      for (const [cluster, { resources }] of trial.revision.fleets) {
        const kept = stable.fleets.get(cluster);
        const nodes = trial.nodes.get(cluster);
        if (kept === undefined || nodes === undefined) continue;
        // Those that never had it are sent nothing: only the others may still name its clusters.
        const publication = publicationOf(stable.digest, kept.resources, resources.resources);
        server.publish(cluster, kept.publication, { publication, nodes });
      }
      emptyOthers(server, trial.revision, [stable]);
      trial = undefined;
      followEngines(stable.tables);
    },
    explainRefusal: places.explain,
  };
}

/**
 * A fleet that only a revision had which is given up: what its proxies got by it, keys above all, goes, and they hold
 * nothing, as before it. Those that come find no fleet.
 *
 * @param others what is in force besides, the first one as the label of nothing
 */
function emptyOthers(
  server: FleetServer,
  givenUp: ServedRevision | undefined,
  others: readonly (ServedRevision | undefined)[],
): void {
  const known = others.filter((each) => each !== undefined);
  for (const cluster of givenUp?.fleets.keys() ?? []) {
    if (known.some(({ fleets }) => fleets.has(cluster))) continue;
    server.publish(cluster, { revision: known[0]?.digest ?? '', resources: [], secretNames: [] });
    server.withdraw(cluster);
  }
}

/**
 * What serves, with the clusters of a revision that was offered: some of its proxies are offered it no longer, go back to
 * what serves, and still name them. The others of their fleet get them too, and need them not.
 */
function withClustersOf(
  stable: ServedRevision,
  { revision, nodes: before }: OfferedRevision,
  nodes: ReadonlyMap<string, WaveNodes>,
): ServedRevision {
  const fleets = [...stable.fleets].map(([cluster, served]): [string, Served] => {
    if (!someLeave(before.get(cluster), nodes.get(cluster))) return [cluster, served];
    const offered = revision.fleets.get(cluster)?.resources.resources ?? [];
    return [cluster, { ...served, publication: publicationOf(stable.digest, served.resources, offered) }];
  });
  return { ...stable, fleets: new Map(fleets) };
}

function someLeave(before: WaveNodes | undefined, nodes: WaveNodes | undefined): boolean {
  if (before === undefined || nodes === 'all') return false;
  return before === 'all' || [...before].some((node) => nodes?.has(node) !== true);
}

/** @param before what else a proxy may hold that goes over to this, and still name in its requests */
function publicationOf(digest: Digest, resources: FleetResources, before: readonly EnvoyResource[]): Publication {
  return {
    revision: digest,
    resources: withCarriedClusters(resources.resources, before),
    secretNames: resources.secrets.map(({ secret }) => secret),
    extensions: neededExtensions(resources.resources),
  };
}
