/**
 * Who may import whom in src/core, as the design says it: each folder with those that it may import directly. It may
 * also import what those may, and itself.
 */
const CORE_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  diagnostics: ['base'],
  ir: ['diagnostics'],
  language: ['ir'],
  format: ['language'],
  importers: ['language'],
  tables: ['ir'],
  envoy: ['ir'],
  xds: ['base'],
  rollout: ['envoy', 'xds'],
  api: ['ir'],
  policy: ['ir'],
  budget: ['ir'],
  load: ['base'],
  schedule: ['ir', 'load'],
  decide: ['tables', 'schedule', 'policy', 'api', 'budget'],
  exchange: ['decide'],
  prove: ['decide'],
  verify: ['exchange', 'prove'],
  plan: ['language', 'envoy', 'decide'],
};

/** Every folder of the core that the given one may import, itself included; undefined for a folder without a line. */
export function reachOf(folder: string): ReadonlySet<string> | undefined {
  const direct = CORE_FOLDERS[folder];
  if (direct === undefined) return undefined;
  return new Set([folder, ...direct.flatMap((other) => [...(reachOf(other) ?? [])])]);
}
