import type { Fleet, Ir } from '../ir/ir.ts';

/** How much of something a change takes away. */
export interface Removal {
  /** In words: `clusters`, or `listeners of the fleet "edge"`. */
  readonly what: string;
  readonly removed: number;
  readonly before: number;
  /** 0 to 1. */
  readonly share: number;
}

/**
 * What a change takes away of the clusters, which all fleets share (one of each pool and provider), and of the listeners
 * of each fleet, the largest share first. A fleet that goes whole is no removal: its proxies are asked about apart.
 */
export function removalsOf(base: Ir, head: Ir): Removal[] {
  const fleets = new Map(head.fleets.map((fleet) => [fleet.cluster, fleet]));
  const listeners = base.fleets.flatMap((fleet) => {
    const after = fleets.get(fleet.cluster);
    const what = `listeners of the fleet "${fleet.name}"`;
    return after === undefined ? [] : [removal(what, listenerNames(fleet), listenerNames(after))];
  });
  const all = [removal('clusters', clusterNames(base), clusterNames(head)), ...listeners];
  return all.sort((left, right) => right.share - left.share);
}

function clusterNames({ pools, providers }: Ir): string[] {
  return [...pools.map(({ name }) => `pool ${name}`), ...providers.map(({ name }) => `provider ${name}`)];
}

function listenerNames({ listeners }: Fleet): string[] {
  return listeners.map(({ name }) => name);
}

function removal(what: string, before: readonly string[], after: readonly string[]): Removal {
  const kept = new Set(after);
  const removed = before.filter((name) => !kept.has(name)).length;
  return { what, removed, before: before.length, share: before.length === 0 ? 0 : removed / before.length };
}
