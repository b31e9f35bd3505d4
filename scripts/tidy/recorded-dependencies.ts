import type { Finding, TextFile } from '../check/finding.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Every package of package.json is named, in code quotes, on a page of docs/adr; every version is exact. */
export function dependencyFindings(manifest: Manifest, files: readonly TextFile[]): Finding[] {
  const pages = files.filter(({ path }) => path.startsWith('docs/adr/') && path.endsWith('.md'));
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  return all.flatMap(([name, version]) => {
    const findings: Finding[] = [];
    const message = (text: string) => findings.push({ file: 'package.json', message: `${name}: ${text}` });
    if (!pages.some(({ text }) => text.includes(`\`${name}\``))) message('no page of docs/adr says why it is here');
    if (!/^\d+\.\d+\.\d+$/.test(version)) message(`${version} is no exact version`);
    return findings;
  });
}
