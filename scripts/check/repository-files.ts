import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TextFile } from './finding.ts';

/** More than any listing of this repository. */
const LISTING_BYTES_MAX = 16 * 1024 * 1024;

/** Every text file that git holds or would hold: tracked ones, and new ones that it does not ignore. */
export function repositoryFiles(root: string): TextFile[] {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: LISTING_BYTES_MAX,
  });
  const paths = [...new Set(listing.split('\0'))].filter((path) => path !== '').sort();
  return paths.flatMap((path) => readText(root, path));
}

function readText(root: string, path: string): TextFile[] {
  const full = join(root, path);
  // A file that was deleted but is still in git's index is none of ours.
  if (lstatSync(full, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const text = readFileSync(full, 'utf8');
  return text.includes('\0') ? [] : [{ path, text }];
}
