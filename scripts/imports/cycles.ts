import type { Finding } from '../check/finding.ts';
import type { Import } from './read-imports.ts';

/** One finding for each import that closes a circle of files, found in a walk from every file in order. */
export function cycleFindings(imports: readonly Import[]): Finding[] {
  const edges = Map.groupBy(
    imports.filter((item) => item.to.kind === 'file'),
    (item) => item.from,
  );
  const findings: Finding[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    for (const { to, line } of edges.get(path) ?? []) {
      if (to.kind !== 'file' || done.has(to.path)) continue;
      const start = trail.indexOf(to.path);
      if (start >= 0) {
        const circle = [...trail.slice(start), to.path].join(' -> ');
        findings.push({ file: path, line, message: `imports in a circle: ${circle}` });
      } else {
        walk(to.path, [...trail, to.path]);
      }
    }
    done.add(path);
  };
  for (const path of [...edges.keys()].sort()) {
    if (!done.has(path)) walk(path, [path]);
  }
  return findings;
}
