import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closingText } from './reporter.ts';

const repository = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'headgate-reporter-'));
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  [{ passed: 3, failed: 0, skipped: [] }, '3 passed, 0 failed\n'],
  [{ passed: 0, failed: 1, skipped: [] }, '0 passed, 1 failed\n'],
  [{ passed: 1, failed: 2, skipped: ['a.test.ts > b'] }, 'SKIPPED a.test.ts > b\n1 passed, 2 failed, 1 skipped\n'],
])('%o', (outcome, text) => {
  expect(closingText(outcome)).toBe(text);
});

/** The status and the output of `vitest run` on one test file, with our own configuration. */
function run(name: string, source: string, environment: Readonly<Record<string, string>> = {}) {
  const tree = join(root, name);
  mkdirSync(join(tree, 'src/io'), { recursive: true });
  cpSync(join(repository, 'src/io/tools'), join(tree, 'src/io/tools'), {
    recursive: true,
    filter: (path) => !path.endsWith('.test.ts'),
  });
  for (const path of ['vitest.config.ts', 'package.json']) cpSync(join(repository, path), join(tree, path));
  cpSync(import.meta.dirname, join(tree, 'test/support'), {
    recursive: true,
    filter: (path) => !path.endsWith('.test.ts'),
  });
  symlinkSync(join(repository, 'node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'test/sample.test.ts'), `import { describe, expect, test } from 'vitest';\n${source}`);
  const { CI: _, ...inherited } = process.env;
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const env = { ...inherited, ...environment, NO_COLOR: '1' };
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run'], { cwd: tree, env, encoding: 'utf8' });
  return { status, closing: stdout.trimEnd().split('\n').slice(-3) };
}

test('the closing line is the last of a real run, below the names of what was skipped', () => {
  const source = `
    test('holds', () => { expect(1).toBe(1); });
    test('breaks', () => { expect(1).toBe(2); });
    describe.${'skip'}('not here', () => { test('waits', () => {}); });`;
  expect(run('mixed', source)).toEqual({
    status: 1,
    closing: [
      expect.stringContaining(''),
      'SKIPPED test/sample.test.ts > not here > waits',
      '1 passed, 1 failed, 1 skipped',
    ],
  });
});

test('a file that cannot be loaded counts as a failure', () => {
  expect(run('broken', `throw new Error('at import');`)).toMatchObject({
    status: 1,
    closing: expect.arrayContaining(['0 passed, 1 failed']),
  });
});

const NEEDS_ENVOY = `
  import { describeWithTool } from './support/require-tool.ts';
  describeWithTool('envoy', 'a proxy', (path) => { test('runs', () => { expect(path).toBe('never'); }); });`;
const NO_ENVOY = { HEADGATE_ENVOY: join(root, 'no-envoy') };

test('a suite without its program is skipped by name, with what to do about it', () => {
  expect(run('no-envoy', NEEDS_ENVOY, NO_ENVOY)).toMatchObject({
    status: 0,
    closing: expect.arrayContaining([
      'SKIPPED test/sample.test.ts > a proxy (there is no envoy: run scripts/setup, or set HEADGATE_ENVOY to an Envoy 1.40 binary) > runs',
      '0 passed, 0 failed, 1 skipped',
    ]),
  });
});

test('with CI=true it fails instead', () => {
  expect(run('no-envoy-ci', NEEDS_ENVOY, { ...NO_ENVOY, CI: 'true' })).toMatchObject({
    status: 1,
    closing: expect.arrayContaining(['0 passed, 1 failed']),
  });
});
