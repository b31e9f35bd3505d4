import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { present } from '../../src/core/base/assert.ts';
import { requiredTool } from '../../src/io/tools/find-tool.ts';
import { type EngineProcess, startEngineProcess } from '../../src/sim/engine/engine-process.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { fencedBlocks, ROOT, shownCommands, shownFiles } from './fenced-blocks.ts';
import { lineOf, ShellLab } from './shell-lab.ts';

const files = shownFiles('README.md');
const commands = shownCommands('README.md');

/** The README's command that begins so: the tests run what it shows, word for word. */
function shown(start: string): string {
  const command = commands.find((candidate) => candidate.startsWith(start));
  return present(command, `the README shows ${start}`);
}

/** The text of a file that the README shows. */
function fileOf(path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  return present(file, `the README shows ${path}`).text;
}

test('the commands of the first minute are scripts, and the pipeline runs two of them', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const first = commands.filter((command) => command.startsWith('npm '));
  expect(first).toEqual(['npm run demo', 'npm test', 'npm run check']);
  expect(['demo', 'test', 'check'].filter((name) => !(name in scripts))).toEqual([]);
  const pipeline = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
  expect(pipeline.filter((line) => line.startsWith('npm '))).toEqual(['npm run check', 'npm test']);
});

describeWithTool('opa', 'the catalog of the README', (opa) => {
  let lab: ShellLab;

  beforeAll(() => {
    lab = new ShellLab([opa]);
    for (const { path, text } of files) lab.write(path, text);
  });
  afterAll(() => lab.close());

  test('is valid', async () => {
    const { status, stdout } = await lab.run('headgate validate my-catalog');
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^valid: sha256:[0-9a-f]{64}\n$/) });
  });

  test('with a typo gets exactly the diagnostic that is shown', async () => {
    const catalog = fileOf('my-catalog/catalog.yaml');
    lab.write('my-catalog/catalog.yaml', catalog.replace(/own(?=[^\n]*\n$)/, 'onw'));
    const { status, stdout } = await lab.run('headgate validate my-catalog');
    const shownText = fencedBlocks('README.md').findLast(({ language }) => language === 'text')?.text;
    expect({ status, stdout }).toEqual({ status: 1, stdout: shownText });
  });
});

describeWithTool('envoy', 'the way to an own Envoy', (envoy) => {
  let lab: ShellLab;
  let engine: EngineProcess;

  beforeAll(async () => {
    lab = new ShellLab([envoy, requiredTool('opa')]);
    engine = await startEngineProcess({ models: ['llama-8b'] });
  });
  afterAll(async () => {
    await lab.close();
    await engine.close();
  });

  test('leads from a key to an answer that can be explained', async () => {
    for (const { path, text } of files) lab.write(path, text.replace('127.0.0.1:8001', engine.address));
    // Ports of this run's own in place of the defaults.
    const settings = fileOf('headgate.yaml');
    const anyPort = '"127.0.0.1:0"';
    lab.write('headgate.yaml', `${settings}listen: { xds: ${anyPort}, extProc: ${anyPort}, admin: ${anyPort} }\n`);

    const made = await lab.run(shown('headgate key new'));
    const key = made.stdout.trim();
    lab.write('my-catalog/key.yaml', made.stderr.slice(made.stderr.indexOf('apiVersion')));
    expect(await lab.run(shown('headgate validate'))).toMatchObject({ status: 0, stderr: '' });
    expect(await lab.run(shown('git'))).toMatchObject({ status: 0 });

    const server = lab.start(shown('headgate serve'));
    const acknowledged = lineOf(server.stderr, (line) => line.includes('proxy fully-acknowledged'));
    const addresses = JSON.parse(await lineOf(server.stdout, (line) => line.startsWith('{'))) as Record<string, string>;

    const port = await freePort();
    const own = `--xds ${addresses.xds} --ext-proc ${addresses.extProc} --admin 127.0.0.1:0 --port api=${port}`;
    const start = shown('envoy --config-path');
    const printed = await lab.run(`${shown('headgate bootstrap')} ${own}`);
    expect(printed).toEqual({ status: 0, stdout: `${start}\n`, stderr: '' });
    lab.start(`${start} --log-level error`);
    await acknowledged;

    lab.env.KEY = key;
    lab.env.HEADGATE_SERVER = `http://${addresses.admin}`;
    const answer = await lab.run(`${shown('curl').replace(':10000/', `:${port}/`)} -s --retry 9 --retry-connrefused`);
    expect(answer.stdout).toContain('HTTP/1.1 200 OK');
    const id = /^headgate-decision: (\S+)\r$/m.exec(answer.stdout)?.[1];
    const explained = await lab.run(`headgate explain ${id}`);
    expect(explained.stdout).toContain(`decision  ${id}`);
    expect(explained.stdout).toContain('because   route chat  catalog.yaml:17');
    expect((await lab.run('headgate status')).stdout).toMatch(/│ edge-1 │ edge {2}│ 1\.40\.0 │ sha256:/);
    expect((await lab.run(shown('headgate fleet'))).stdout).toMatch(
      /│ edge {2}│ 1 .*│ 1 sha256:\S+ [0-9a-f]{12} live │/,
    );
    expect((await lab.run(shown('headgate rollout'))).stdout).toContain('nothing is on its way');
    expect(await lab.run('headgate status --wait Ready')).toMatchObject({ status: 0 });
    expect((await lab.run('headgate reconcile')).stdout).toMatch(/^[0-9a-f]{12} serving \(/);
  });
});
