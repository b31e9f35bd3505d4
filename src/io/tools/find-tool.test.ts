import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { requiredTool, ToolMissing, toolPath } from './find-tool.ts';

const root = mkdtempSync(join(tmpdir(), 'headgate-find-tool-'));
afterAll(() => rmSync(root, { recursive: true }));

function program(path: string, prints: string, mode = 0o755): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, `#!/bin/sh\necho '${prints}'\n`);
  chmodSync(full, mode);
  return full;
}

const ENVOY_140 = 'envoy  version: 9e55/1.40.2/Clean/RELEASE/BoringSSL';
const ENVOY_139 = 'envoy  version: 9e55/1.39.3/Clean/RELEASE/BoringSSL';
const own = program('own/envoy', ENVOY_139);
const cached = program('cache/envoy-1.40.0/envoy', ENVOY_140);
const onPath = program('path/envoy', ENVOY_140);
const old = program('old/envoy', ENVOY_139);
const plainFile = program('plain/envoy', ENVOY_140, 0o644);
const opa1 = program('opa-new/opa', 'Version: 1.0.0');
const opa0 = program('opa-old/opa', 'Version: 0.70.0');
const git = program('path/git', 'git version 2.39.5');
const gitOld = program('old/git', 'git version 2.17.1');
const cache = join(root, 'cache');
const empty = join(root, 'empty');

test.each([
  ['the variable comes first', 'envoy', { HEADGATE_ENVOY: own, HEADGATE_CACHE: cache }, own],
  ['a variable that names no file is never passed over', 'envoy', { HEADGATE_ENVOY: empty, HEADGATE_CACHE: cache }],
  ['a variable that names a folder', 'envoy', { HEADGATE_ENVOY: cache }],
  ['an empty variable counts as unset', 'envoy', { HEADGATE_ENVOY: '', HEADGATE_CACHE: cache }, cached],
  ['the cache comes before PATH', 'envoy', { HEADGATE_CACHE: cache, PATH: dirname(onPath) }, cached],
  [
    'PATH where the version fits',
    'envoy',
    { HEADGATE_CACHE: empty, PATH: `${dirname(old)}:${dirname(onPath)}` },
    onPath,
  ],
  ['an older one on PATH', 'envoy', { HEADGATE_CACHE: empty, PATH: dirname(old) }],
  ['a file on PATH that is not executable', 'envoy', { HEADGATE_CACHE: empty, PATH: dirname(plainFile) }],
  ['XDG_CACHE_HOME', 'opa', { XDG_CACHE_HOME: empty, PATH: dirname(opa1) }, opa1],
  ['opa before 1.0', 'opa', { HOME: empty, PATH: dirname(opa0) }],
  ['git from PATH', 'git', { PATH: dirname(git) }, git],
  ['git that is too old', 'git', { PATH: dirname(gitOld) }],
  ['no PATH at all', 'git', {}],
] as const)('%s', (_what, name, environment, expected: string | undefined = undefined) => {
  expect(toolPath(name, environment)).toEqual(expected);
});

test('a missing tool is a typed failure that says what to do', () => {
  expect(() => requiredTool('envoy', { HEADGATE_CACHE: empty })).toThrow(ToolMissing);
  expect(() => requiredTool('envoy', { HEADGATE_CACHE: empty })).toThrow(
    'there is no envoy: run scripts/setup, or set HEADGATE_ENVOY to an Envoy 1.40 binary',
  );
  expect(new ToolMissing('opa').code).toBe('tool-missing');
});
