import type { TypeSnapshot } from './snapshot.ts';
import { type VersionTable, versionTable } from './version-table.ts';

/** The versions that a client kept from an earlier stream, by name; a Map of them will do. */
export interface KeptVersions extends Iterable<readonly [string, string]> {
  readonly size: number;
  has(name: string): boolean;
  /** The same as `compareKept`, where there is a faster way. */
  readonly compare?: (table: VersionTable) => Compared;
}

/** What a client kept, beside what stands in the snapshot. */
export interface Compared {
  /** How many resources of the snapshot it holds as they stand. */
  readonly current: number;
  /** What it holds in another version, or of a name that does not exist. */
  readonly others: readonly (readonly [string, string])[];
}

/** Compares what a client kept with the resources of a type. Each name counts once. */
export function compareKept(kept: KeptVersions, type: TypeSnapshot): Compared {
  if (kept.compare !== undefined) return kept.compare(versionTable(type));
  const others: (readonly [string, string])[] = [];
  for (const each of kept) {
    const [name, version] = each;
    if (type.entries.get(name)?.resource?.version !== version) others.push(each);
  }
  return { current: kept.size - others.length, others };
}

/** What a client kept that holds every resource of a type as it stands. */
export function allCurrent(type: TypeSnapshot): KeptVersions {
  return {
    size: type.present,
    has: (name) => type.entries.get(name)?.resource !== undefined,
    compare: () => ({ current: type.present, others: [] }),
    *[Symbol.iterator]() {
      for (const { name, resource } of type.log) if (resource !== undefined) yield [name, resource.version] as const;
    },
  };
}
