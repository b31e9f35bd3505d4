import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { askServer } from '../../src/app/commands/server-client.ts';
import type { ServerStatus } from '../../src/app/control/server-status.ts';
import { askAll, errorCodeOf } from '../../src/app/demo/stack/ask.ts';
import { editDocuments } from '../../src/app/demo/stack/edit-documents.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { CHAT_ROUTE, FLEET, withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';

const ROLLOUT = {
  waves: [1, '100%'],
  bake: { time: '3s', requests: 20 },
  gates: { denyRateRise: '10pp', errorRateRise: '5pp' },
};

describeWithTool('envoy', 'a rollout by waves', () => {
  const gateway = useGateway(async () => ({
    engineScales: [1],
    proxies: 2,
    files: { [FLEET]: withRollout(), 'tests/chat.yaml': '# none\n' },
  }));
  let route: string;

  beforeAll(async () => {
    route = await gateway().repository.read(CHAT_ROUTE);
  });

  /** The models that served one request through each proxy, at the same moment. */
  async function served(): Promise<unknown[]> {
    const asks = ['one', 'two'].map((prompt) => ({ prompt: `reply: ${prompt}` }));
    const results = await askAll(gateway(), asks, { concurrency: 2 });
    return results.map(({ outcome, headers }) => [outcome, headers['headgate-model']]);
  }

  /** Resolves when the proxies are at two revisions. */
  function apart(): Promise<ServerStatus> {
    return waitUntil('the proxies to be at two revisions', async () => {
      const status = await gateway().admin.status();
      // One that has not acknowledged everything yet has no digest.
      const digests = new Set(status.proxies.flatMap(({ digest }) => digest ?? []));
      return digests.size === 2 ? status : undefined;
    });
  }

  /** Resolves when a commit serves, with what one request through each proxy comes to. */
  async function untilLive(commit: string): Promise<unknown[]> {
    await waitUntil('the commit to serve', async () =>
      (await gateway().admin.status()).live?.commit === commit ? true : undefined,
    );
    return (await askAll(gateway(), [{ prompt: 'one' }, { prompt: 'two' }], { concurrency: 2 })).map(
      ({ outcome }) => outcome,
    );
  }

  test('O7: gives each proxy the decisions of its own revision, then brings the commit to all', async () => {
    const { repository, admin } = gateway();
    const newer = editDocuments(route, 'Route', (document) =>
      document.setIn(['spec', 'targets', 0], document.createNode({ model: 'chat-next', offers: ['own'] })),
    );
    const { id } = await repository.commit('the newer model', { [CHAT_ROUTE]: newer });
    const rolledOut = admin.reconcile();
    const { live, newest, proxies } = await apart();
    expect([live?.commit === id, newest?.kind]).toEqual([false, 'rolling-out']);
    const models = await served();
    const isFirst = proxies[0]?.digest !== live?.digest;
    const both = [
      ['ok', 'chat-next'],
      ['ok', 'chat-small'],
    ];
    expect(models).toEqual(isFirst ? both : both.toReversed());
    expect(await rolledOut).toMatchObject({ state: 'serving', commit: id });
    expect(await served()).toEqual([both[0], both[0]]);
  });

  test('O7: goes back by itself when a gate breaks, and no request fails but those that the commit refuses', async () => {
    const { repository, admin } = gateway();
    const before = (await admin.status()).live;
    const refusing = editDocuments(route, 'Route', (document) =>
      document.setIn(['spec', 'match', 'teams'], ['anonymous']),
    );
    const { id } = await repository.commit('nobody with a key has a route', { [CHAT_ROUTE]: refusing });
    const rolledOut = admin.reconcile();
    await apart();
    const asks = Array.from({ length: 80 }, (_, index) => ({ prompt: `reply: ${index}` }));
    const results = await askAll(gateway(), asks, { concurrency: 4 });
    const outcomes = new Set(results.map((result) => errorCodeOf(result) ?? result.outcome));
    expect(outcomes).toEqual(new Set(['ok', 'no-route']));
    expect(await rolledOut).toMatchObject({
      ...{ state: 'frozen', commit: id, diagnostics: expect.stringMatching(/HG6005.*denyRateRise/) },
    });
    const { live, proxies } = await gateway().settled();
    expect([live, proxies.map(({ digest }) => digest)]).toEqual([before, [before?.digest, before?.digest]]);
    expect(await served()).toEqual([
      ['ok', 'chat-next'],
      ['ok', 'chat-next'],
    ]);
  });

  test('goes on after headgate was killed in the midst of it, and every proxy keeps its revision meanwhile', async () => {
    const { repository, admin, adminUrl } = gateway();
    const shorter = editDocuments(route, 'Route', (document) => document.setIn(['spec', 'timeouts', 'headers'], '9s'));
    const { id } = await repository.commit('a shorter time', { [CHAT_ROUTE]: shorter });
    // It dies with the process that it asks.
    admin.reconcile().catch(() => undefined);
    // They may come back in another order.
    const digests = ({ proxies }: ServerStatus) =>
      Object.fromEntries(proxies.map(({ node, digest }) => [node, digest]));
    const before = digests(await apart());
    // The proxies may take longer to come back than the wave lasts.
    await askServer(adminUrl(), 'POST', '/rollout/pause');
    await gateway().killHeadgate();
    await gateway().restartHeadgate();
    expect(digests(await apart())).toEqual(before);
    expect((await admin.status()).live?.commit).not.toBe(id);
    await askServer(adminUrl(), 'POST', '/rollout/resume');
    expect(await untilLive(id)).toEqual(['ok', 'ok']);
  });

  test('O7: is stopped by the one proxy of its first wave that refuses it, at the line, and the other never had it', async () => {
    const { repository, admin } = gateway();
    const before = (await admin.status()).live;
    const held = createServer();
    held.listen(0, '0.0.0.0');
    await once(held, 'listening');
    const { port } = held.address() as AddressInfo;
    const { id } = await repository.commit('a port that is taken', {
      [FLEET]: withListener(withRollout(), 'extra', port),
    });
    expect(await admin.reconcile()).toMatchObject({
      ...{
        state: 'frozen',
        commit: id,
        diagnostics: expect.stringMatching(/HG6001(.|\n)*cannot bind(.|\n)*fleets\/edge.yaml:\d+/),
      },
    });
    held.close();
    const { live, proxies } = await gateway().settled();
    expect([live, proxies.map(({ digest }) => digest)]).toEqual([before, [before?.digest, before?.digest]]);
  });

  test('is not asked for by a revert to what served before, although rollouts are paused', async () => {
    const { repository, admin } = gateway();
    await askServer(gateway().adminUrl(), 'POST', '/rollout/pause');
    const { id } = await repository.commit('back to the first', { [CHAT_ROUTE]: route, [FLEET]: withRollout() });
    expect(await admin.reconcile()).toMatchObject({ state: 'serving', commit: id });
    expect((await gateway().settled()).live?.commit).toBe(id);
  });

  test('is not begun for a commit that changes more than what serves allows, until somebody forces it', async () => {
    const { repository, admin, adminUrl } = gateway();
    await askServer(adminUrl(), 'POST', '/rollout/resume');
    const limits = 'apiVersion: headgate.dev/v1\nkind: ChangeLimits\nmetadata: { name: none }\n';
    const first = await repository.commit('nothing may change', {
      'limits.yaml': `${limits}spec: { perCommit: { fleetsTouched: 0 } }\n`,
    });
    await admin.reconcile();
    await untilLive(first.id);
    const loosened = { 'limits.yaml': `${limits}spec: { perCommit: { fleetsTouched: 9 } }\n` };
    const { id } = await repository.commit('its own limits do not count', loosened);
    expect(await admin.reconcile()).toMatchObject({
      ...{ state: 'rejected', commit: id, diagnostics: expect.stringMatching(/HG6006.*fleets touched: 1, 0 allowed/) },
    });
    expect((await admin.status()).live?.commit).toBe(first.id);
    await askServer(adminUrl(), 'POST', '/reconcile?force=true');
    expect(await untilLive(id)).toEqual(['ok', 'ok']);
  });
});

function withRollout(): string {
  const fleet = [
    'apiVersion: headgate.dev/v1',
    'kind: Fleet',
    'metadata: { name: edge }',
    'spec:',
    '  match: { cluster: edge }',
    '  listeners:',
    '    - { name: api, port: 10000 }',
    `  rollout: ${JSON.stringify(ROLLOUT)}`,
  ];
  return `${fleet.join('\n')}\n`;
}
