import { join } from 'node:path';
import { digestOfText } from '../../core/base/digest.ts';
import { cacheFolder } from '../../io/tools/find-tool.ts';
import { createKeptBuilds, type KeptBuilds } from './kept-builds.ts';
import { createKeptFiles, type KeptFiles } from './kept-files.ts';
import { fileStamp, programStamp } from './program-stamp.ts';

/** What earlier processes worked out of single files and of their policies. */
export interface KeptParts {
  readonly files: KeptFiles;
  readonly builds: KeptBuilds;
}

/** Of all commands of a user together: a plan after a validation of the same files reads none of them twice. */
export function keptParts(opaPath: string): KeptParts {
  const folder = join(cacheFolder(), 'validate-parts');
  const stamp = digestOfText(programStamp());
  const builds = createKeptBuilds(folder, `${stamp} ${fileStamp(opaPath)}`);
  return { files: createKeptFiles(folder, stamp), builds };
}
