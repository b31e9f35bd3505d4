import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readBootSettings } from '../../src/app/settings/boot-settings.ts';
import { type Ran, ShellLab } from '../docs/shell-lab.ts';
import { meantCommand } from '../support/meant-command.ts';
import { describeWithTool } from '../support/require-tool.ts';

const PIPELINES = ['.github/workflows/headgate.yml', '.gitlab-ci.yml'];

describeWithTool('opa', 'headgate init', (opa) => {
  let lab: ShellLab;
  let made: Ran;

  beforeAll(async () => {
    lab = new ShellLab([opa]);
    made = await lab.run('git init -q config && headgate init config');
  });
  afterAll(() => lab.close());

  const read = (path: string) => readFileSync(join(lab.folder, 'config', path), 'utf8');

  test('what it makes is valid, and in the form of headgate fmt', async () => {
    const { status, stdout, stderr } = await lab.run('headgate validate --fail-on warning config');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^valid: sha256:[0-9a-f]{64}\n$/),
      stderr: '',
    });
    expect(await lab.run('headgate fmt --check config')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('the key is printed, and only its hash is written', () => {
    const key = /this one time: (hg_[\w-]{43})\n/.exec(made.stdout)?.[1];
    expect({ ...made, key }).toEqual({ ...made, status: 0, stderr: '', key: expect.any(String) });
    const written = readdirSync(join(lab.folder, 'config'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('.git/'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(written.filter((text) => text.includes(String(key)))).toEqual([]);
    expect(read('teams/first.yaml')).toMatch(/hash: sha256:(?!0{64})[0-9a-f]{64}\n/);
  });

  test('every document names a schema that is there', () => {
    const folders = ['providers', 'models', 'routes', 'guardrails', 'teams', 'fleets', 'tests'];
    const documents = folders.flatMap((folder) =>
      readdirSync(join(lab.folder, 'config', folder)).map((name) => `${folder}/${name}`),
    );
    const schemas = documents.map((path) => /^# yaml-language-server: \$schema=(.*)$/m.exec(read(path))?.[1] ?? '');
    const missing = schemas.filter(
      (schema, index) => !existsSync(join(lab.folder, 'config', dirname(documents[index] ?? ''), schema)),
    );
    expect(documents.length).toBe(folders.length);
    expect(missing).toEqual([]);
  });

  test('the pipelines are YAML that run fmt, validate, test and plan', async () => {
    const lines = PIPELINES.map((path) => {
      parse(read(path));
      return [...read(path).matchAll(/(?:run: |- |^ +)(headgate \w+.*)$/gm)].map(([, line = '']) => line);
    });
    const expected = ['headgate fmt', 'headgate validate', 'headgate test', 'headgate plan'];
    expect(await Promise.all(lines.map((each) => Promise.all(each.map(meantCommand))))).toEqual([expected, expected]);
  });

  test('what they run, runs', async () => {
    const commit = 'git add --all && git commit --quiet --message';
    await lab.run(
      `cd config && ${commit} first && sed -i 's/output: 0.60/output: 0.90/' models/chat.yaml && ${commit} dearer`,
    );
    const tested = await lab.run('cd config && headgate test --format junit');
    expect(tested).toMatchObject({ status: 0, stdout: expect.stringContaining('<testsuites') });
    const planned = await lab.run('cd config && headgate plan HEAD~1..HEAD --format markdown');
    expect(planned).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('output price: 0.6 -> 0.9'),
      stderr: '',
    });
  });

  test('the sample of the boot settings is one', () => {
    const settings = readBootSettings(join(lab.folder, 'config/.boot-settings.sample.yaml'));
    expect(settings.secrets).toEqual(
      new Map([['openai-key', { from: { kind: 'env', name: 'OPENAI_API_KEY' }, hosts: ['api.openai.com'] }]]),
    );
  });

  test('a folder that holds something is left alone, unless it is forced', async () => {
    lab.write('full/notes.txt', 'mine\n');
    lab.write('full/README.md', 'mine\n');
    const refused = await lab.run('headgate init full');
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: full is not empty; --force writes into it all the same\n',
    });
    expect(readdirSync(join(lab.folder, 'full'))).toEqual(['README.md', 'notes.txt']);
    expect(await lab.run('headgate init --force full')).toMatchObject({ status: 0 });
    expect(readFileSync(join(lab.folder, 'full/notes.txt'), 'utf8')).toBe('mine\n');
    expect(await lab.run('headgate validate full')).toMatchObject({ status: 0 });
  });

  test('--schemas writes the schemas alone', async () => {
    expect(await lab.run('headgate init --schemas bare')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(lab.folder, 'bare'))).toEqual(['.schemas']);
  });
});
