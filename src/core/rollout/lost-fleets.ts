import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { Fleet } from '../ir/ir.ts';
import { listed } from './listed.ts';

/** A connected proxy, and the fleet that it is served. */
export interface FleetProxy {
  readonly node: string;
  readonly fleet: string | undefined;
}

/** The clusters of fleets that were served and that these do not bring. */
export function removedClusters(before: readonly Fleet[], fleets: readonly Fleet[]): string[] {
  const kept = new Set(fleets.map(({ cluster }) => cluster));
  return before.map(({ cluster }) => cluster).filter((cluster) => !kept.has(cluster));
}

/**
 * Why a revision with these fleets may not serve: it has none (HG6002), or proxies of a fleet that it lacks are
 * connected (HG6003) and would decide on by the revision before, with keys and rules that are gone.
 */
export function fleetDiagnostics(fleets: readonly Fleet[], proxies: readonly FleetProxy[]): Diagnostic[] {
  if (fleets.length === 0)
    return [diagnostic('HG6002', NO_PLACE, 'no document of kind Fleet: nothing would be served')];
  const kept = new Set(fleets.map(({ cluster }) => cluster));
  const lost = new Map<string, string[]>();
  for (const { node, fleet } of proxies) {
    if (fleet !== undefined && !kept.has(fleet)) lost.set(fleet, [...(lost.get(fleet) ?? []), node]);
  }
  return [...lost].map(([cluster, nodes]) => {
    const message = `no Fleet matches the cluster "${cluster}", and proxies of it are connected: ${listed(nodes)}`;
    return diagnostic('HG6003', NO_PLACE, message, { hint: 'end these proxies first, then remove the Fleet' });
  });
}

/** What is missing has no line. */
const NO_PLACE = { file: '(compiled)', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
