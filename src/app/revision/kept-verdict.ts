import { join } from 'node:path';
import { keepText, keptText } from '../../io/cache/kept-texts.ts';
import { cacheFolder } from '../../io/tools/find-tool.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { RevisionFiles } from './compile-revision.ts';
import type { Judge, Verdict } from './judge-tree.ts';
import { fileStamp, programStamp } from './program-stamp.ts';

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
    program: programStamp(),
    tools: [opaPath, envoyPath].map((path) => (path === undefined ? null : fileStamp(path))),
    settings: settings === undefined ? null : settingsRead(settings),
    nowMs,
    findings,
    files: files.map(({ path, blobId }) => [path, blobId]),
  });
}

/** What of the settings is looked at: names and certificates, and no value of a secret. */
function settingsRead({ secrets, authorities, trustedAuthoritiesFile }: BootSettings) {
  return {
    secrets: [...secrets].map(([name, { hosts }]) => [name, hosts]),
    authorities: [...authorities],
    trustedAuthoritiesFile,
  };
}
