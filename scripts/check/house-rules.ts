import { cycleFindings } from '../imports/cycles.ts';
import { importFindings } from '../imports/import-rules.ts';
import { readImports } from '../imports/read-imports.ts';
import { type LockPackages, lockFindings } from '../lock/complete-lock.ts';
import { corePurityFindings, isCoreSource } from '../tidy/core-purity.ts';
import { dependencyFindings } from '../tidy/recorded-dependencies.ts';
import { TEXT_RULES } from '../tidy/text-rules.ts';
import { type Finding, findingText, type TextFile } from './finding.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Who imports whom, and no circles. */
export function importRuleFindings(files: readonly TextFile[]): string[] {
  const sources = files.filter(({ path }) => /^(src|test|scripts|bench)\/.*\.ts$/.test(path));
  const imports = sources.flatMap(readImports);
  return texts([...importFindings(imports, manifestOf(files)), ...cycleFindings(imports)]);
}

/** Words, names, lengths, the pure core, and the dependencies with their pages and checksums. */
export function tidyFindings(files: readonly TextFile[]): string[] {
  const ofTexts = Object.entries(TEXT_RULES).flatMap(([name, rule]) => {
    const read = files.filter(({ path }) => rule.applies(path));
    return read.flatMap(rule.findings).map((finding) => ({ ...finding, message: `${finding.message} (${name})` }));
  });
  const ofCore = files.filter(({ path }) => isCoreSource(path)).flatMap(corePurityFindings);
  const lock = JSON.parse(textOf(files, 'package-lock.json')) as { packages: LockPackages };
  const ofLock = lockFindings(lock.packages).map((message) => ({ file: 'package-lock.json', message }));
  return texts([...ofTexts, ...ofCore, ...dependencyFindings(manifestOf(files), files), ...ofLock]);
}

function texts(findings: readonly Finding[]): string[] {
  return findings.map(findingText);
}

function manifestOf(files: readonly TextFile[]): Manifest {
  return JSON.parse(textOf(files, 'package.json')) as Manifest;
}

function textOf(files: readonly TextFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`the repository has no ${path}`);
  return file.text;
}
