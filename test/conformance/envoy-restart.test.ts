import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { present } from '../../src/core/base/assert.ts';
import { startXdsLab, type XdsLab } from '../integration/xds-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { MANNERS } from './discovery-client.ts';
import { mannerCluster, mannerListener, startMannerEnvoy } from './envoy-lab.ts';

const DELTA_ADS = present(MANNERS[2], 'delta ADS');
const PROXIES = 20;
const CLUSTERS = 50;

describeWithTool('envoy', 'a control plane that restarts under a fleet', (binary) => {
  const ends: (() => unknown)[] = [];
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-restart-'));
  });

  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
    await rm(folder, { recursive: true });
  });

  async function serve(): Promise<XdsLab> {
    const lab = await startXdsLab({ listen: [{ path: join(folder, 'xds.sock') }] });
    ends.push(() => lab.server.close());
    return lab;
  }

  test('D5: twenty proxies come back, and none of them is sent a resource', async () => {
    // All of them listen there: the kernel lets processes of one user share a port.
    const port = await freePort();
    const resources = [
      ...Array.from({ length: CLUSTERS }, (_, index) => mannerCluster(DELTA_ADS, `c${index}`, 9)).flat(),
      ...mannerListener(DELTA_ADS, port, 'c0'),
    ];
    const publication = { revision: 'r1', resources, secretNames: [] };
    const acknowledged = ({ server }: XdsLab) =>
      server.status().filter(({ fullyAcknowledged }) => fullyAcknowledged === 'r1').length;
    const first = await serve();
    first.server.publish('edge', publication);
    for (let index = 0; index < PROXIES; index += 1) {
      const envoy = await startMannerEnvoy(binary, folder, { id: `proxy-${index}`, manner: DELTA_ADS });
      ends.push(() => envoy.stop());
    }
    await expect.poll(() => acknowledged(first), { timeout: 30_000 }).toBe(PROXIES);
    const sentFirst = first.server.status().map(({ pushed }) => pushed.resources);
    expect(sentFirst).toEqual(new Array(PROXIES).fill(resources.length));
    first.server.close();
    const second = await serve();
    second.server.publish('edge', publication);
    await expect.poll(() => acknowledged(second), { timeout: 30_000 }).toBe(PROXIES);
    expect(second.server.status().map(({ pushed }) => pushed.resources)).toEqual(new Array(PROXIES).fill(0));
  });
});
