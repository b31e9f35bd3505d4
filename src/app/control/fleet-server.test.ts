import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiscoveryClient, MANNERS } from '../../../test/conformance/discovery-client.ts';
import { present } from '../../core/base/assert.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { createLog } from '../log.ts';
import { startFleetServer } from './fleet-server.ts';
import { createNodeIdentities } from './node-identities.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-fleet-server-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('proxies that a closing server sends away are expected back: by that no rollout is complete', async () => {
  const log = createLog('silent');
  const disconnected = Promise.withResolvers<void>();
  const fleet = await startFleetServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, stateDirectory: folder, hadProxies: false, log },
    identities: createNodeIdentities(new Map(), log),
    secrets: () => new Map(),
    onPeerFailure: () => undefined,
    onEvent: ({ kind }) => {
      if (kind === 'disconnected') disconnected.resolve();
    },
  });
  fleet.server.publish('edge', { revision: 'r1', resources: [], secretNames: [] });
  const { port } = fleet.address as { port: number };
  const node = { id: 'a', cluster: 'edge' };
  const client = new DiscoveryClient(`127.0.0.1:${port}`, present(MANNERS[2], 'delta ADS'), node);
  client.subscribe(TYPE_URL.cluster, ['*']);
  await client.next();
  expect([fleet.proxies().length, fleet.isExpecting()]).toEqual([1, false]);
  await fleet.close();
  await disconnected.promise;
  expect([fleet.proxies(), fleet.isExpecting()]).toEqual([[], true]);
  client.close();
});
