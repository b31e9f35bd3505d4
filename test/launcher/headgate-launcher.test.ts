import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'headgate-launcher-'));
afterAll(() => rmSync(root, { recursive: true }));

const tree = join(root, 'tree');
mkdirSync(join(tree, 'node_modules'), { recursive: true });
cpSync(resolve(import.meta.dirname, '../../bin'), join(tree, 'bin'), { recursive: true });
symlinkSync(join(tree, 'bin/headgate'), join(root, 'headgate'));

function program(path: string, body: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, `#!/bin/sh\n${body}\n`);
  chmodSync(full, 0o755);
  return full;
}

/** A Node that says its version, and else what it was started with. */
function node(path: string, version: string): string {
  const says = `echo "$0 $* envoy=$HEADGATE_ENVOY opa=$HEADGATE_OPA"`;
  return program(path, `[ "$1" = --version ] && { echo ${version}; exit 0; }\n${says}`);
}

const own = node('own/node', 'v25.1.0');
const onPath = node('path/node', 'v24.15.0');
const old = node('old/node', 'v24.14.9');
const cached = node('cache/node-24.21.0/bin/node', 'v24.21.0');
const envoy = program('cache/envoy-1.40.0/envoy', 'exit 0');
const opa = program('cache/opa-1.22.0/opa', 'exit 0');
const SYSTEM_PATH = '/usr/bin:/bin';
const cache = join(root, 'cache');
const nowhere = join(root, 'nowhere');

function launch(env: Readonly<Record<string, string>>, launcher = join(tree, 'bin/headgate')) {
  const { status, stdout, stderr } = spawnSync(launcher, ['status', '--json'], {
    env,
    cwd: tmpdir(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

/** The young space of a command that ends in seconds comes first. */
const started = `--min-semi-space-size=32 --disable-warning=ExperimentalWarning ${tree}/src/app/main.ts status --json`;

test.each([
  [
    'the variable first',
    { HEADGATE_NODE: own, PATH: `${dirname(onPath)}:${SYSTEM_PATH}`, HEADGATE_CACHE: nowhere },
    own,
    '',
    '',
  ],
  ['then PATH', { PATH: `${dirname(onPath)}:${SYSTEM_PATH}`, HEADGATE_CACHE: cache }, onPath, envoy, opa],
  [
    'then the cache, where PATH has an older one',
    { PATH: `${dirname(old)}:${SYSTEM_PATH}`, HEADGATE_CACHE: cache },
    cached,
    envoy,
    opa,
  ],
  [
    'tools that are set stay',
    { HEADGATE_NODE: own, HEADGATE_ENVOY: '/e', HEADGATE_OPA: '/o', PATH: SYSTEM_PATH, HEADGATE_CACHE: cache },
    own,
    '/e',
    '/o',
  ],
])('Node and the tools: %s', (_what, env, path, envoyPath, opaPath) => {
  const stdout = `${path} ${started} envoy=${envoyPath} opa=${opaPath}`;
  expect(launch(env)).toEqual({ status: 0, stdout, stderr: '' });
});

test('a link from another folder starts the same program', () => {
  const stdout = `${cached} ${started} envoy=${envoy} opa=${opa}`;
  const env = { PATH: `${dirname(old)}:${SYSTEM_PATH}`, HEADGATE_CACHE: cache };
  expect(launch(env, join(root, 'headgate'))).toEqual({ status: 0, stdout, stderr: '' });
});

test('without a fitting Node it says what to run', () => {
  expect(launch({ PATH: `${dirname(old)}:${SYSTEM_PATH}`, HEADGATE_CACHE: nowhere })).toEqual({
    status: 69,
    stdout: '',
    stderr: `headgate needs Node 24.15 or later: run ${tree}/scripts/setup, or set HEADGATE_NODE to its binary`,
  });
});
