import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toolPath } from '../../src/io/tools/find-tool.ts';
import { describeWithTool } from '../support/require-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
let lab: string;
beforeAll(() => {
  lab = mkdtempSync(join(tmpdir(), 'headgate-validate-'));
});
afterAll(() => rmSync(lab, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(lab, 'one-'));
  cpSync(join(ROOT, 'examples/quickstart'), join(folder, 'tree'), { recursive: true });
});

const inCache = () => join(folder, 'cache/validate');

/** Runs the launcher on the copied tree, with a cache of its own. */
function validate(options: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/headgate'), ['validate', 'tree', ...options], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      HEADGATE_NODE: process.execPath,
      HEADGATE_OPA: toolPath('opa') ?? '',
      HEADGATE_ENVOY: toolPath('envoy') ?? '',
      HEADGATE_CACHE: join(folder, 'cache'),
      NODE_COMPILE_CACHE: join(lab, 'compiled'),
      ...environment,
    },
  });
  return { status, stdout, stderr };
}

function breakTree(): void {
  const path = join(folder, 'tree/routes/chat.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('chat-next', 'chat-nxt'));
}

describeWithTool('opa', 'a verdict that was kept', () => {
  test('is the one that was given, in every format', () => {
    breakTree();
    const formats = [[], ['--format', 'json'], ['--format', 'sarif']];
    const fresh = formats.map((format) => validate([...format, '--no-cache']));
    const keptNothing = existsSync(inCache());
    const first = formats.map((format) => validate(format));
    const second = formats.map((format) => validate(format));
    expect(keptNothing).toBe(false);
    expect(readdirSync(inCache()).length).toBe(1);
    expect([first, second]).toEqual([fresh, fresh]);
    expect(fresh.map(({ status }) => status)).toEqual([1, 1, 1]);
  });

  test('holds for the same bytes at the same paths alone', () => {
    const good = validate([]);
    breakTree();
    const broken = validate([]);
    const settings = join(folder, 'headgate.yaml');
    writeFileSync(settings, 'repository: { url: u }\n');
    const withSettings = validate(['--settings', settings]);
    expect([good, broken, withSettings].map(({ status }) => status)).toEqual([0, 1, 1]);
    expect(withSettings.stdout).not.toBe(broken.stdout);
    expect(readdirSync(inCache()).length).toBe(3);
  });

  test('is not believed when its file is damaged', () => {
    const first = validate([]);
    const entry = join(inCache(), readdirSync(inCache())[0] ?? '');
    writeFileSync(entry, readFileSync(entry, 'utf8').replace('sha256:', 'sha256:0'));
    expect(validate([])).toEqual(first);
  });
});

describeWithTool('envoy', 'headgate validate --envoy', () => {
  test('takes a tree whose fleets have the same listeners', () => {
    const fleet = readFileSync(join(folder, 'tree/fleets/edge.yaml'), 'utf8');
    writeFileSync(join(folder, 'tree/fleets/other.yaml'), fleet.replaceAll('edge', 'other'));
    const { status, stdout, stderr } = validate(['--envoy']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^valid: sha256:[0-9a-f]{64}\n$/);
  });

  test('tells what Envoy refuses at the line that it comes from', () => {
    writeFileSync(join(folder, 'authority.pem'), 'not a certificate\n');
    const settings = join(folder, 'headgate.yaml');
    const text = [
      'repository: { url: u }',
      'authorities: { demo-authority: { file: authority.pem } }',
      'secrets: { cloud-key: { env: CLOUD_KEY, hosts: [ "localhost:9443" ] } }',
    ];
    writeFileSync(settings, text.join('\n'));
    expect(validate(['--settings', settings])).toMatchObject({ status: 0 });
    expect(validate(['--envoy', '--settings', settings])).toEqual({
      status: 1,
      stdout: `error[HG6001]: Envoy refused what this becomes: Failed to load trusted CA certificates from <inline>
 --> providers/cloud.yaml:4:19
  |
4 | metadata: { name: cloud }
  |                   ^

1 error
`,
      stderr: '',
    });
  });

  test('says what to run where there is no Envoy', () => {
    expect(validate(['--envoy'], { HEADGATE_ENVOY: join(folder, 'none') })).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'headgate: there is no envoy: run scripts/setup, or set HEADGATE_ENVOY to an Envoy 1.40 binary [tool-missing]\n',
    });
  });
});
