import { readFileSync, writeFileSync } from 'node:fs';
import { type LockPackages, missingPlatformEntries } from './complete-lock.ts';

const file = new URL('../../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: LockPackages };
const all = { ...lock.packages, ...missingPlatformEntries(lock.packages) };
const packages = Object.fromEntries(
  Object.keys(all)
    .sort()
    .map((path) => [path, all[path]]),
);
writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
