import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepText, keptText } from '../../io/cache/kept-texts.ts';
import { cacheFolder } from '../../io/tools/find-tool.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { VERSION } from '../version.ts';
import type { RevisionFiles } from './compile-revision.ts';
import type { Judge, Verdict } from './judge-tree.ts';

/**
 * The verdict of an earlier run on the same files, by the ids of their blobs, with the same program, tools and settings
 * and for the same time; else that of `judge`, which is kept. So judge by a time that stands still for a while.
 */
export async function keptVerdict(
  revision: RevisionFiles,
  means: Judge,
  judge: () => Promise<Verdict>,
): Promise<Verdict> {
  const folder = join(cacheFolder(), 'validate');
  const key = verdictKey(revision, means);
  const kept = keptText(folder, key);
  if (kept !== undefined) return JSON.parse(kept) as Verdict;
  const verdict = await judge();
  keepText(folder, key, JSON.stringify(verdict));
  return verdict;
}

/** Everything that a verdict depends on. */
function verdictKey({ files, findings, nowMs }: RevisionFiles, { opaPath, envoyPath, settings }: Judge): string {
  return JSON.stringify({
    version: VERSION,
    node: process.version,
    program: programStamp(),
    tools: [opaPath, envoyPath].map((path) => (path === undefined ? null : fileStamp(path))),
    settings: settings === undefined ? null : settingsRead(settings),
    nowMs,
    findings,
    files: files.map(({ path, blobId }) => [path, blobId]),
  });
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What of the installation a verdict depends on. */
const PROGRAM = ['src', 'policies', 'third_party', 'package-lock.json'];

/** Whoever works on headgate itself changes its files without changing its version. */
function programStamp(): string[] {
  return PROGRAM.flatMap((name) => {
    const path = join(ROOT, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [fileStamp(path)];
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => fileStamp(join(entry.parentPath, entry.name)));
  }).sort();
}

/** A file that went away since it was listed has a stamp too. */
function fileStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${path} ${found?.size} ${found?.mtimeMs}`;
}

/** What of the settings is looked at: names and certificates, and no value of a secret. */
function settingsRead({ secrets, authorities, trustedAuthoritiesFile }: BootSettings) {
  return {
    secrets: [...secrets].map(([name, { hosts }]) => [name, hosts]),
    authorities: [...authorities],
    trustedAuthoritiesFile,
  };
}
