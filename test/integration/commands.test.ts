import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfText } from '../../src/core/base/digest.ts';
import { describeWithTool } from '../support/require-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-commands-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher as a person would, from another folder. */
function headgate(...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/headgate'), args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describeWithTool('opa', 'headgate validate', () => {
  const quickstart = join(ROOT, 'examples/quickstart');

  test('of a good tree ends with 0 and names the digest', () => {
    const { status, stdout, stderr } = headgate('validate', quickstart);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^valid: sha256:[0-9a-f]{64}\n$/);
  });

  test('of a tree with mistakes ends with 1 and shows each at its line', () => {
    const { status, stdout } = headgate('validate', join(quickstart, 'broken'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/ --> catalog\.yaml:\d+:\d+\n/);
    expect(stdout).not.toContain('valid:');
  });

  test('prints the same as JSON', () => {
    const { status, stdout } = headgate('validate', join(quickstart, 'broken'), '--format', 'json');
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly { code: string }[] };
    const text = headgate('validate', join(quickstart, 'broken')).stdout;
    expect(status).toBe(1);
    expect(diagnostics.map(({ code }) => code)).toEqual([...text.matchAll(/\[(HG\d{4})\]/g)].map(([, code]) => code));
  });

  test('holds the names of secrets against the boot settings', () => {
    const settings = join(folder, 'headgate.yaml');
    writeFileSync(settings, 'repository: { url: u }\n');
    const { status, stdout } = headgate('validate', quickstart, '--settings', settings);
    expect([status, stdout.match(/HG\d{4}/g)]).toEqual([1, ['HG3108', 'HG3109']]);
  });

  test.each<[string, string[], string]>([
    ['a folder that is not there', ['validate', 'no-such-folder'], 'cannot read no-such-folder'],
    ['settings that are not there', ['validate', quickstart, '--settings', 'none.yaml'], 'cannot read none.yaml'],
    ['an unknown option', ['validate', '--strict'], "unknown option '--strict'"],
    ['an unknown format', ['validate', '--format', 'xml'], 'Allowed choices are text, json'],
    ['an unknown command', ['valdate'], "unknown command 'valdate'"],
  ])('of %s ends with 2', (_what, args, message) => {
    const { status, stdout, stderr } = headgate(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('headgate key new', () => {
  test('prints the key alone, and beside it the document that knows it by its hash', () => {
    const { status, stdout, stderr } = headgate(
      'key',
      'new',
      '--name',
      'red-ci',
      '--team',
      'red',
      '--expires',
      '2027-06-30',
    );
    const key = stdout.trim();
    expect([status, key.length]).toEqual([0, 46]);
    expect(stderr).toContain(`spec: { team: red, hash: "${digestOfText(key)}", expires: "2027-06-30" }`);
    expect(stderr).not.toContain(key);
  });

  test('makes another one each time', () => {
    const keys = [1, 2].map(() => headgate('key', 'new', '--name', 'a', '--team', 'red').stdout);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('a command that asks a server', () => {
  test.each([['status'], ['reconcile'], ['explain', 'dec-1']])('%s ends with 2 where none listens', (...args) => {
    const { status, stdout, stderr } = headgate(...args, '--server', 'http://127.0.0.1:1');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      'no answer from http://127.0.0.1:1; is "headgate serve" running there? [server-unreachable]',
    );
  });
});
