import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FleetView } from '../../src/app/control/fleet-view.ts';
import type { RolloutStatus } from '../../src/app/control/rollout-view.ts';
import { LAUNCHER } from '../../src/app/demo/stack/headgate-process.ts';
import { FLEET, withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { ShellLab } from '../docs/shell-lab.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';

describeWithTool('envoy', 'what an operator sees and orders', () => {
  const gateway = useGateway(() => ({ engineScales: [1], proxies: 2 }));
  let lab: ShellLab;
  beforeAll(() => {
    lab = new ShellLab([]);
    lab.env.HEADGATE_SERVER = gateway().adminUrl();
  });
  afterAll(() => lab.close());

  async function json<Body>(command: string): Promise<Body> {
    return JSON.parse((await lab.run(`${command} --json`)).stdout) as Body;
  }

  test('the fleet, as a whole and by one proxy', async () => {
    const { live } = await gateway().settled();
    const view = await json<FleetView>('headgate fleet');
    expect(view.fleets).toEqual([
      {
        ...{ fleet: 'edge', proxies: 2, states: { current: 2 } },
        revisions: [{ digest: live?.digest, commit: live?.commit, mark: 'live', proxies: 2 }],
        versions: [{ version: '1.40.0', proxies: 2 }],
      },
    ]);
    expect((await lab.run('headgate fleet edge-1')).stdout).toMatch(
      /^proxy {9}edge-1\nfleet {9}edge\nstate {9}current\n/,
    );
    expect(await lab.run('headgate fleet edge-9')).toMatchObject({
      status: 1,
      stderr: 'no proxy "edge-9" is connected\n',
    });
  });

  test('a refused commit: at its line, frozen, and a pipeline that waits for it fails at once', async () => {
    const { repository } = gateway();
    const holder = createServer().listen(0, '0.0.0.0');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const fleet = await repository.read(FLEET);
    const { id } = await repository.commit('a port that is taken', { [FLEET]: withListener(fleet, 'extra', port) });
    expect(await lab.run('headgate reconcile')).toMatchObject({ status: 1, stdout: expect.stringContaining('frozen') });
    const waited = await lab.run(`headgate status --wait Ready --commit ${id} --timeout 60s`);
    holder.close();
    expect([waited.status, waited.stdout]).toEqual([
      1,
      expect.stringContaining(`newest    ${id.slice(0, 12)}  frozen`),
    ]);
    const { proxies } = await json<FleetView>('headgate fleet');
    const [refusal] = proxies.flatMap(({ refusals }) => refusals);
    const line =
      withListener(fleet, 'extra', port)
        .split('\n')
        .findIndex((text) => text.includes('extra')) + 1;
    expect(refusal).toMatchObject({ kind: 'Listener', stands: false, places: [`${FLEET}:${line}`] });
    expect(await json<RolloutStatus>('headgate rollout status')).toMatchObject({
      newest: { kind: 'frozen', commit: id },
      frozen: [{ commit: id, digest: refusal?.digest }],
    });
    expect(await lab.run('headgate rollout release 000000')).toMatchObject({
      stderr: expect.stringContaining('no commit 000000 is stopped'),
    });
    const released = await lab.run(`headgate rollout release ${id.slice(0, 12)}`);
    expect([released.status, released.stdout]).toEqual([0, expect.stringContaining(`${id.slice(0, 12)} serving`)]);
    expect(await lab.run(`headgate status --wait Ready --commit ${id}`)).toMatchObject({ status: 0, stderr: '' });
  });

  test('rollouts wait while they are paused', async () => {
    expect((await lab.run('headgate rollout pause')).stdout).toContain('no wave follows another');
    expect(await json<RolloutStatus>('headgate rollout status')).toMatchObject({ isPaused: true });
    await lab.run('headgate rollout resume');
    expect(await json<RolloutStatus>('headgate rollout status')).toMatchObject({ isPaused: false });
  });

  test('no commit is taken while the source is suspended', async () => {
    const { repository } = gateway();
    expect((await lab.run('headgate source suspend --reason "a freeze"')).stdout).toMatch(
      /^suspended 0s ago: a freeze\n/,
    );
    const { id } = await repository.commit('not now', { 'notes.md': 'hello\n' });
    expect(await lab.run('headgate reconcile')).toMatchObject({
      stderr: expect.stringContaining('[source-suspended]'),
    });
    expect((await lab.run('headgate status')).stdout).toContain('suspended');
    expect((await lab.run('headgate source resume')).stdout).toBe('the source follows its ref\n');
    expect(await lab.run('headgate reconcile')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(id.slice(0, 12)),
    });
    expect((await lab.run('headgate source pin main')).stderr).toContain('[source-order]');
  });

  test('a watch tells of a commit, and ends in order', async () => {
    const { repository, adminUrl } = gateway();
    const watch = spawn(LAUNCHER, ['status', '--watch', '--server', adminUrl()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const seen = new Map<string, () => void>();
    createInterface({ input: watch.stdout }).on('line', (line) => {
      lines.push(line);
      for (const [text, resolve] of seen) if (line.includes(text)) resolve();
    });
    const told = (text: string) => new Promise<void>((resolve) => seen.set(text, resolve));
    await told('live: ');
    const { id } = await repository.commit('watched', { 'notes.md': 'once more\n' });
    const isTold = told(`newest: ${id.slice(0, 12)} serving`);
    await lab.run('headgate reconcile');
    await isTold;
    const ended = once(watch, 'exit');
    watch.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });
});
