import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from './generated.ts';
import { lintLines } from './lint.ts';
import { failureLines } from './run-command.ts';

const root = resolve(import.meta.dirname, '../..');

test('what a generator would write is compared file by file', () => {
  const fresh = new Map([
    ['same', '1'],
    ['changed', '2'],
    ['new', '3'],
  ]);
  const committed = new Map([
    ['same', '1'],
    ['changed', 'edited'],
    ['old', '4'],
  ]);
  expect(differences(fresh, committed)).toEqual([
    { path: 'changed', what: 'differs from what is generated' },
    { path: 'new', what: 'is generated and not there' },
    { path: 'old', what: 'is no longer generated' },
  ]);
  expect(differences(fresh, fresh)).toEqual([]);
});

test('a command that fails shows its words, or that it had none', () => {
  expect(failureLines({ status: 0, output: 'noise\n' })).toEqual([]);
  expect(failureLines({ status: 2, output: 'a\n\nb\n' })).toEqual(['a', 'b']);
  expect(failureLines({ status: 3, output: '' })).toEqual(['ended with status 3 and no word']);
});

/** Each a file of its own folder, with the rules of our lint configuration that it breaks. */
const SAMPLES: readonly [folder: string, file: string, source: string, rules: readonly string[]][] = [
  ['src/core/clock', 'x.ts', 'export const now = () => Date.now();', ['noRestrictedGlobals']],
  ['src/core/process', 'x.ts', 'export const id = () => process.pid;', ['noRestrictedGlobals']],
  ['src/io/clock', 'x.ts', 'export const now = () => Date.now();', []],
  ['src/io/console', 'x.ts', 'export const say = () => console.log(1);', ['noConsole']],
  ['src/app/console', 'x.ts', 'export const say = () => console.log(1);', []],
  ['src/io/absent', 'x.ts', 'export const first = (list: string[]) => list[0]!;', ['noNonNullAssertion']],
  ['src/io/long', 'x.ts', `export const list = [\n${'  1,\n'.repeat(250)}];`, ['noExcessiveLinesPerFile']],
  ['src/io/long', 'x.test.ts', `const list = [\n${'  1,\n'.repeat(250)}];\nlist.at(0);`, []],
  ['src/io/large', 'x.ts', `export function f() {\n${'  f();\n'.repeat(71)}}`, ['noExcessiveLinesPerFunction']],
  [
    'src/io/floating',
    'x.ts',
    'async function f() { await f(); }\nexport const g = () => { f(); };',
    ['noFloatingPromises'],
  ],
];

test('the lint configuration refuses what the house rules refuse', () => {
  const tree = mkdtempSync(join(tmpdir(), 'headgate-lint-'));
  try {
    for (const path of ['biome.json', 'package.json', '.gitignore']) cpSync(join(root, path), join(tree, path));
    for (const [folder, file, source] of SAMPLES) {
      mkdirSync(join(tree, folder), { recursive: true });
      writeFileSync(join(tree, folder, file), source);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const argv = ['lint', '--reporter=github', '--diagnostic-level=info', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(biome, argv, { cwd: tree, encoding: 'utf8' });
    const findings = lintLines(stdout, realpathSync(tree));
    const broken = SAMPLES.map(([folder, file]) => [
      `${folder}/${file}`,
      findings
        .filter((line) => line.startsWith(`${folder}/${file}:`))
        .map((line) => line.replace(/.*\/(\w+)\)$/, '$1')),
    ]);
    expect(broken).toEqual(SAMPLES.map(([folder, file, , rules]) => [`${folder}/${file}`, rules]));
  } finally {
    rmSync(tree, { recursive: true });
  }
});
