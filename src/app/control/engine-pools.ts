import type { PoolRow, Tables } from '../../core/tables/tables.ts';

type EnginePools = Pick<Tables, 'pools'>;

/** The pools of revisions that decide at the same time: every engine that any of them may choose. */
export function enginePools(revisions: readonly EnginePools[]): EnginePools {
  const pools: Record<string, PoolRow> = {};
  for (const revision of revisions) {
    for (const [name, pool] of Object.entries(revision.pools)) {
      const endpoints = [...new Set([...(pools[name]?.endpoints ?? []), ...pool.endpoints])];
      pools[name] = { ...pool, endpoints };
    }
  }
  return { pools };
}
