import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askServer } from '../../src/app/commands/server-client.ts';
import type { ReconcileAnswer } from '../../src/app/control/server-status.ts';
import { askOne } from '../../src/app/demo/stack/ask.ts';
import { startProxyProcess } from '../../src/app/demo/stack/proxy-process.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { FLEET, withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';

describeWithTool('envoy', 'a commit that must not serve', () => {
  const gateway = useGateway(() => ({ engineScales: [1], proxies: 1 }));
  const owned = new AsyncDisposableStack();
  let holder: Server;
  let fleet: string;
  let frozen: string;

  beforeAll(async () => {
    holder = await heldPort();
    fleet = await gateway().repository.read(FLEET);
  });
  afterAll(async () => {
    holder.close();
    await owned.disposeAsync();
  });

  test('is frozen when Envoy refuses it, and serves nowhere', async () => {
    const { repository, admin, firstCommit } = gateway();
    frozen = (await repository.commit('a port that is taken', { [FLEET]: withListenerAt(fleet, holder) })).id;
    expect(await admin.reconcile()).toMatchObject({ state: 'frozen', commit: frozen });
    const { live, proxies } = await gateway().settled();
    expect([live?.commit, proxies.map(({ refusal }) => refusal)]).toEqual([firstCommit.id, [undefined]]);
  });

  test('has a branch in the repository that takes it back, ready to merge', async () => {
    const { repository, firstCommit } = gateway();
    const branch = `headgate/revert-${frozen.slice(0, 12)}`;
    const git = (...words: string[]) => execFileSync('git', ['-C', repository.path, ...words], { stdio: 'pipe' });
    const told = await waitUntil('the branch', () =>
      git('branch', '--list', branch).length > 0 ? git('show', '--no-patch', '--format=%P %B', branch) : undefined,
    );
    expect(told.toString()).toMatch(new RegExp(`^${frozen} Revert "a port that is taken"[^]+cannot bind`));
    expect(git('diff', '--name-only', firstCommit.id, branch).toString()).toBe('');
  });

  test('stays frozen, with its reason, when headgate is killed and started again', async () => {
    await gateway().killHeadgate();
    await gateway().restartHeadgate();
    const answer = await gateway().admin.reconcile();
    expect(answer).toMatchObject({
      ...{ state: 'frozen', commit: frozen, diagnostics: expect.stringContaining('cannot bind') },
    });
    const { live } = await gateway().settled();
    expect(live?.commit).toBe(gateway().firstCommit.id);
    expect((await askOne(gateway(), { prompt: 'reply: still' })).text).toBe('still');
  });

  test('serves once its cause is gone and somebody has it tried again', async () => {
    const closed = once(holder, 'close');
    holder.close();
    await closed;
    expect(await gateway().admin.reconcile()).toMatchObject({ state: 'frozen' });
    const { body } = await askServer(gateway().adminUrl(), 'POST', '/reconcile?retry=true');
    const { state, commit } = body as ReconcileAnswer;
    expect([state, commit]).toEqual(['serving', frozen]);
    expect((await gateway().settled()).live?.commit).toBe(frozen);
  });

  test('is rejected when it renames the fleet of connected proxies, or leaves none', async () => {
    const { repository, admin } = gateway();
    await repository.commit('another cluster', { [FLEET]: fleet.replace('cluster: edge', 'cluster: elsewhere') });
    const renamed = await admin.reconcile();
    expect(renamed).toMatchObject({
      ...{ state: 'rejected', diagnostics: expect.stringMatching(/HG6003.*"edge".*edge-1/) },
    });
    await repository.commit('no fleet', { [FLEET]: '# nothing\n' });
    expect(await admin.reconcile()).toMatchObject({
      ...{ state: 'rejected', diagnostics: expect.stringContaining('HG6002') },
    });
    expect((await gateway().settled()).live?.commit).toBe(frozen);
  });

  test('is frozen by the first proxy that comes, where it served because none was there', async () => {
    const { repository, admin, proxies, folder } = gateway();
    for (const { process } of proxies) await process.close();
    const second = await heldPort();
    owned.defer(() => {
      second.close();
    });
    const commit = (await repository.commit('another taken port', { [FLEET]: withListenerAt(fleet, second) })).id;
    expect(await admin.reconcile()).toMatchObject({ state: 'serving', commit });
    const headgate = {
      ...{ xds: `unix:${join(folder, 'xds.sock')}`, extProc: `unix:${join(folder, 'ext-proc.sock')}`, admin: '' },
    };
    const proxy = await startProxyProcess({ nodeId: 'edge-late', folder, headgate });
    owned.defer(() => proxy.process.close());
    const { live, newest } = await waitUntil('the proxy to be back at what served before', async () => {
      const status = await admin.status();
      const isBack = status.newest?.kind === 'frozen' && status.proxies[0]?.digest === status.live?.digest;
      return isBack ? status : undefined;
    });
    expect([live?.commit, newest?.commit, newest?.diagnostics]).toEqual([
      ...[frozen, commit, expect.stringContaining('cannot bind')],
    ]);
  });
});

async function heldPort(): Promise<Server> {
  const server = createServer();
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return server;
}

/** The fleet with one more listener, at the port that this server holds. */
function withListenerAt(fleet: string, server: Server): string {
  return withListener(fleet, 'extra', (server.address() as AddressInfo).port);
}
