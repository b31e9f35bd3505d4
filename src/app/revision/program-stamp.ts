import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../version.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What of the installation the outcome of a compilation depends on. */
const PROGRAM = ['src', 'policies', 'third_party', 'package-lock.json'];

/** Names this program: whoever works on headgate itself changes its files without changing its version. */
export function programStamp(): string {
  stamp ??= JSON.stringify([VERSION, process.version, ...PROGRAM.flatMap(fileStamps).sort()]);
  return stamp;
}

let stamp: string | undefined;

function fileStamps(name: string): string[] {
  const path = join(ROOT, name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [fileStamp(path)];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => fileStamp(join(entry.parentPath, entry.name)));
}

/** A file that went away since it was listed has a stamp too. */
export function fileStamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${path} ${found?.size} ${found?.mtimeMs}`;
}
