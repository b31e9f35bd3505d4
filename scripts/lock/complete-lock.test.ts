import { expect, test } from 'vitest';
import { lockFindings, missingPlatformEntries } from './complete-lock.ts';

const parent = {
  version: '2.0.0',
  integrity: 'sha512-x',
  dev: true,
  license: 'MIT',
  optionalDependencies: {
    '@tool/cli-linux-x64': '2.0.0',
    '@tool/cli-linux-armv7': '2.0.0',
    '@tool/cli-linux-x64-musl': '2.0.0',
    '@tool/cli-win32-ia32-msvc': '2.0.0',
  },
};
const ours = { version: '2.0.0', integrity: 'sha512-y', os: ['linux'], cpu: ['x64'], libc: ['glibc'], optional: true };
const packages = { 'node_modules/tool': parent, 'node_modules/@tool/cli-linux-x64': ours };

test('packages for other platforms get an entry by which npm passes them over', () => {
  const shared = { version: '2.0.0', dev: true, license: 'MIT', optional: true };
  expect(missingPlatformEntries(packages)).toEqual({
    'node_modules/@tool/cli-linux-armv7': { ...shared, os: ['linux'], cpu: ['arm'], libc: ['glibc'] },
    'node_modules/@tool/cli-linux-x64-musl': { ...shared, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/@tool/cli-win32-ia32-msvc': { ...shared, os: ['win32'], cpu: ['ia32'] },
  });
});

test('a missing package that is for every platform is not invented', () => {
  const plain = { 'node_modules/tool': { optionalDependencies: { colours: '1.0.0' } } };
  expect(() => missingPlatformEntries(plain)).toThrow('package-lock.json lacks colours@1.0.0');
});

test('a lock file is whole when npm ci takes it and everything that it installs here has a checksum', () => {
  const whole = { ...packages, ...missingPlatformEntries(packages) };
  expect(lockFindings(whole)).toEqual([]);
  expect(lockFindings({ ...whole, 'node_modules/loose': { version: '1.0.0' } })).toEqual([
    'node_modules/loose has no integrity',
  ]);
  const torn = Object.fromEntries(Object.entries(whole).filter(([path]) => !path.includes('win32')));
  expect(lockFindings(torn)).toEqual([
    'node_modules/@tool/cli-win32-ia32-msvc is missing, so npm ci refuses the file: run scripts/lock/update',
  ]);
});
