import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { present } from '../../src/core/base/assert.ts';
import { freePort, get } from '../integration/xds-envoy-process.ts';
import { startXdsLab, type XdsLab } from '../integration/xds-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { MANNERS, type Manner } from './discovery-client.ts';
import { mannerCluster, mannerListener, startMannerEnvoy } from './envoy-lab.ts';

describeWithTool('envoy', 'real Envoys in every manner', (binary) => {
  const ends: (() => unknown)[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-manner-'));
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await rm(folder, { recursive: true });
  });

  async function serve(): Promise<XdsLab> {
    const lab = await startXdsLab({
      listen: [{ path: join(folder, 'xds.sock') }],
      controlPlane: 'headgate-1 of build 7',
    });
    ends.push(() => lab.server.close());
    return lab;
  }

  async function connect(manner: Manner, isReporting = false) {
    const envoy = await startMannerEnvoy(binary, folder, { id: 'proxy', manner, isReporting });
    ends.push(() => envoy.stop());
    return envoy;
  }

  async function startUpstream(text: string): Promise<number> {
    const server = createServer((_request, response) => response.end(text));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  const acknowledged = (revision: string) => (event: XdsLab['events'][number]) =>
    event.kind === 'fully-acknowledged' && event.revision === revision;

  test.each(MANNERS)('C1: an Envoy is served and changed ($name)', async (manner) => {
    const lab = await serve();
    const port = await freePort();
    const [first, second] = [await startUpstream('first'), await startUpstream('second')];
    const publish = (revision: string, name: string, upstream: number) =>
      lab.server.publish('edge', {
        revision,
        resources: [...mannerCluster(manner, name, upstream), ...mannerListener(manner, port, name)],
        secretNames: [],
      });
    publish('r1', 'one', first);
    const envoy = await connect(manner);
    await lab.until(acknowledged('r1'));
    await expect
      .poll(() =>
        get({ port }).then(
          ({ text }) => text,
          () => '',
        ),
      )
      .toBe('first');
    publish('r2', 'two', second);
    await lab.until(acknowledged('r2'));
    expect(await get({ port })).toEqual({ status: 200, text: 'second' });
    await expect.poll(() => envoy.admin('/clusters')).not.toContain('one::observability_name');
    expect(lab.events.filter(({ kind }) => kind === 'rejected')).toEqual([]);
    expect(lab.server.status()).toMatchObject([{ node: 'proxy', fullyAcknowledged: 'r2' }]);
  });

  test('C11: an Envoy shows which instance and build serves it', async () => {
    const lab = await serve();
    const manner = present(MANNERS[2], 'delta ADS');
    const resources = mannerCluster(manner, 'one', await freePort());
    lab.server.publish('edge', { revision: 'r1', resources, secretNames: [] });
    const envoy = await connect(manner);
    await expect
      .poll(() => envoy.admin('/stats?type=TextReadouts&filter=control_plane.identifier'))
      .toContain('"headgate-1 of build 7"');
  });
});
