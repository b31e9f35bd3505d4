import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-fix-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function headgate(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/headgate'), args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Windows line ends, a byte order mark, a comment and odd spaces: all of it must stay. */
const BEFORE = [
  '\ufeffapiVersion: headgate.dev/v1\r\n',
  'kind: Taem   # a team\r\n',
  'metadata: { name:  red }\r\n',
  '---\r\n',
  'apiVersion: headgate.dev/v1\r\n',
  'kind: Team\r\n',
  'metadata: { name: 1.10 }\r\n',
  'sepc: { models: "*" }\r\n',
].join('');
const AFTER = BEFORE.replace('Taem', 'Team').replace('1.10', '"1.10"').replace('sepc', 'spec');

function written(): string {
  return readFileSync(join(folder, 'teams.yaml'), 'utf8');
}

describe('headgate fix', () => {
  beforeEach(() => writeFileSync(join(folder, 'teams.yaml'), BEFORE));

  test('makes the fixes and leaves every other byte', () => {
    const { status, stdout, stderr } = headgate('fix');
    expect([status, stdout, stderr]).toEqual([0, '', 'headgate: 3 fixes in 1 file; now run headgate validate\n']);
    expect(written()).toBe(AFTER);
  });

  test('goes on where one fix shows the next mistake', () => {
    headgate('fix');
    headgate('fix');
    expect(written()).toBe(AFTER.replace('models: "*"', 'models: [ "*" ]'));
  });

  test('makes only the fixes of the codes that are asked for', () => {
    headgate('fix', '--code', 'hg2010');
    expect(written()).toBe(BEFORE.replace('Taem', 'Team'));
  });

  test('prints a diff with --dry-run and writes nothing', () => {
    const { status, stdout, stderr } = headgate('fix', '--dry-run', '--code', 'HG2010');
    expect([status, stderr, written()]).toEqual([0, 'headgate: 1 fix in 1 file, not made\n', BEFORE]);
    expect(stdout.split('\n')).toEqual([
      ...['--- a/teams.yaml', '+++ b/teams.yaml', '@@ -1,5 +1,5 @@', ' apiVersion: headgate.dev/v1\r'],
      ...['-kind: Taem   # a team\r', '+kind: Team   # a team\r', ' metadata: { name:  red }\r'],
      ...[' ---\r', ' apiVersion: headgate.dev/v1\r', ''],
    ]);
  });

  test('says where there is nothing to fix', () => {
    writeFileSync(join(folder, 'teams.yaml'), 'not: ours\n');
    expect(headgate('fix')).toEqual({ status: 0, stdout: '', stderr: 'headgate: nothing that a machine can fix\n' });
  });
});

describe('headgate explain-code', () => {
  test('prints the page of a code', () => {
    const page = readFileSync(join(ROOT, 'docs/codes/HG3107.md'), 'utf8');
    expect(headgate('explain-code', 'hg3107')).toEqual({ status: 0, stdout: page, stderr: '' });
  });

  test('says of a warning how it is allowed', () => {
    const { stdout } = headgate('explain-code', 'HG3302');
    expect(stdout).toContain('\n`# headgate:allow HG3302 until 2027-06-30: why it is meant`\n');
  });

  test('ends with 2 for a code that is none', () => {
    const { status, stdout } = headgate('explain-code', '../README');
    expect([status, stdout]).toEqual([2, '']);
  });
});
