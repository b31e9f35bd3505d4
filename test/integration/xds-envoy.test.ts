import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { neededExtensions } from '../../src/core/envoy/needed-extensions.ts';
import { secretResource } from '../../src/core/envoy/secret-resource.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import type { FleetResource } from '../../src/io/grpc/fleet-content.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { get, holdPort, startEnvoy } from './xds-envoy-process.ts';
import { listener, routesTo, upstream } from './xds-envoy-resources.ts';
import { startXdsLab, type XdsLab } from './xds-lab.ts';

describeWithTool('envoy', 'delta ADS with real Envoys', (binary) => {
  const ends: (() => unknown)[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-xds-'));
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await rm(folder, { recursive: true });
  });

  async function serve(): Promise<XdsLab> {
    const lab = await startXdsLab({ listen: [{ path: join(folder, 'xds.sock') }], secretResource });
    ends.push(() => lab.server.close());
    return lab;
  }

  async function connect(nodeId: string) {
    const envoy = await startEnvoy(binary, folder, nodeId, join(folder, 'xds.sock'));
    ends.push(() => envoy.stop());
    return envoy;
  }

  /** Answers with its name and the credential that it got. */
  async function startUpstream(name: string): Promise<number> {
    const server = createServer((request, response) => response.end(`${name} ${request.headers.authorization}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  const isFullyAcknowledged = (node: string, revision: string) => (event: XdsLab['events'][number]) =>
    event.kind === 'fully-acknowledged' && event.node === node && event.revision === revision;

  test('O6: a proxy that lacks an extension of its fleet is named and gets nothing, until none is lacking', async () => {
    const lab = await serve();
    const [port, back] = [await freePort(), await startUpstream('back')];
    const resources = [...upstream('back', back, 'key'), routesTo('routes', 'back'), listener('l', port, 'routes')];
    const made = 'envoy.extensions.filters.http.made_up.v3.MadeUp';
    const needed = neededExtensions(resources);
    lab.server.setSecrets(new Map([['key', 'first']]));
    lab.server.publish('edge', { revision: 'r1', resources, secretNames: ['key'], extensions: [...needed, made] });
    await connect('proxy-a');
    const held = await lab.until((event) => event.kind === 'held');
    expect(held).toMatchObject({ node: 'proxy-a', reason: `envoy 1.40.0 was built without ${made}` });
    expect(lab.server.status()).toMatchObject([{ offered: undefined, pushed: { resources: 0 } }]);
    lab.server.publish('edge', { revision: 'r2', resources, secretNames: ['key'], extensions: needed });
    await lab.until(isFullyAcknowledged('proxy-a', 'r2'));
    expect(needed).toContain('envoy.extensions.filters.http.router.v3.Router');
    expect(await get({ port })).toMatchObject({ status: 200 });
  });

  test('D5: a proxy serves what is published, with keys from SDS; a restarted server sends it 0 resources', async () => {
    const lab = await serve();
    const [port, back] = [await freePort(), await startUpstream('back')];
    const resources = [...upstream('back', back, 'key'), routesTo('routes', 'back'), listener('l', port, 'routes')];
    const publication = { revision: 'r1', resources, secretNames: ['key'] };
    lab.server.setSecrets(new Map([['key', 'first']]));
    lab.server.publish('edge', publication);
    await connect('proxy-a');
    await lab.until(isFullyAcknowledged('proxy-a', 'r1'));
    expect(await get({ port })).toEqual({ status: 200, text: 'back Bearer first' });

    lab.server.setSecrets(new Map([['key', 'second']]));
    await lab.until(isFullyAcknowledged('proxy-a', 'r1'));
    await expect.poll(() => get({ port })).toEqual({ status: 200, text: 'back Bearer second' });

    lab.server.close();
    const again = await serve();
    again.server.setSecrets(new Map([['key', 'second']]));
    again.server.publish('edge', publication);
    await again.until(isFullyAcknowledged('proxy-a', 'r1'));
    const [proxy] = again.server.status();
    // Two say that clusters and listeners are as they were, one that there are no deciders of their own.
    expect(proxy?.pushed).toEqual({ responses: 3, resources: 0, bytes: expect.any(Number) });
    expect(proxy?.version).toBe('1.40.0');
  });

  test('O3: a changed cluster is live at once, with endpoints that did not change', async () => {
    const lab = await serve();
    const [port, back] = [await freePort(), await startUpstream('back')];
    const publish = (revision: string, connectTimeout: `${number}s`) =>
      lab.server.publish('edge', {
        revision,
        resources: [
          ...upstream('back', back, 'key', connectTimeout),
          routesTo('routes', 'back'),
          listener('l', port, 'routes'),
        ],
        secretNames: ['key'],
      });
    lab.server.setSecrets(new Map([['key', 'first']]));
    publish('r1', '1s');
    const envoy = await connect('proxy-a');
    await lab.until(isFullyAcknowledged('proxy-a', 'r1'));
    publish('r2', '2s');
    await lab.until(isFullyAcknowledged('proxy-a', 'r2'));
    // The fetch timeout, which a cluster without endpoints would have to wait for, counts what it ended.
    expect(await envoy.admin('/stats?filter=cluster.back.init_fetch_timeout')).toBe(
      'cluster.back.init_fetch_timeout: 0\n',
    );
    expect(await get({ port })).toEqual({ status: 200, text: 'back Bearer first' });
  });

  test('a listener on a port that another process holds is refused by name by every proxy, and a revert heals', async () => {
    const lab = await serve();
    const [port, held, back] = [await freePort(), await holdPort(), await startUpstream('back')];
    ends.push(() => held.release());
    const base = [...upstream('back', back, 'key'), routesTo('routes', 'back'), listener('good', port, 'routes')];
    const publish = (revision: string, more: FleetResource[]) =>
      lab.server.publish('edge', { revision, resources: [...base, ...more], secretNames: ['key'] });
    lab.server.setSecrets(new Map([['key', 'first']]));
    publish('r1', []);
    await Promise.all([connect('proxy-a'), connect('proxy-b')]);
    for (const node of ['proxy-a', 'proxy-b']) await lab.until(isFullyAcknowledged(node, 'r1'));
    publish('r2', [listener('held', held.port, 'routes')]);
    for (const node of ['proxy-a', 'proxy-b']) {
      const rejected = await lab.until((event) => event.kind === 'rejected' && event.node === node);
      expect(rejected).toMatchObject({ typeUrl: TYPE_URL.listener, revision: 'r2', names: ['held'], isolating: false });
      expect(rejected).toMatchObject({ message: expect.stringMatching(/held: .*Address already in use/) });
    }
    expect(await get({ port })).toEqual({ status: 200, text: 'back Bearer first' });
    publish('r3', []);
    for (const node of ['proxy-a', 'proxy-b']) await lab.until(isFullyAcknowledged(node, 'r3'));
  });

  test('C8: a cluster that Envoy refuses without a name is found, and the others of its response are live', async () => {
    const lab = await serve();
    const [sound] = upstream('sound', await freePort(), 'key');
    const [other] = upstream('other', await freePort(), 'key');
    // A field that no Cluster has: with --reject-unknown-dynamic-fields the whole response is refused.
    const unknownField = new Uint8Array([0xd2, 0xff, 0x3f, 0x01, 0x61]);
    const bytes = new Uint8Array([...(other?.bytes ?? []), ...unknownField]);
    const bad = { typeUrl: TYPE_URL.cluster, name: 'other', bytes };
    lab.server.publish('edge', {
      revision: 'r1',
      resources: sound === undefined ? [] : [sound, bad],
      secretNames: ['key'],
    });
    const envoy = await connect('proxy-a');
    const isRejected = (isolating: boolean) => (event: XdsLab['events'][number]) =>
      event.kind === 'rejected' && event.isolating === isolating;
    expect(await lab.until(isRejected(true))).toMatchObject({ names: [] });
    expect(await lab.until(isRejected(false))).toMatchObject({ names: ['other'] });
    await expect.poll(() => envoy.admin('/clusters')).toContain('sound::');
    expect(await envoy.admin('/clusters')).not.toContain('other::');
  });
});
