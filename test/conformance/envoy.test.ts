import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { present } from '../../src/core/base/assert.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { ConfigStatus } from '../../src/gen/beside_envoy/csds_pb.js';
import type { LoadReport } from '../../src/io/grpc/load-report.ts';
import { get } from '../integration/xds-envoy-process.ts';
import { startXdsLab, type XdsLab } from '../integration/xds-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { MANNERS, type Manner } from './discovery-client.ts';
import { mannerCluster, mannerListener, startMannerEnvoy } from './envoy-lab.ts';
import { fetchStatus } from './status-client.ts';

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

  async function serve(options: Parameters<typeof startXdsLab>[0] = {}): Promise<XdsLab> {
    const listen = [{ host: '127.0.0.1', port: 0 }, { path: join(folder, 'xds.sock') }];
    const lab = await startXdsLab({ listen, controlPlane: 'headgate-1 of build 7', ...options });
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
    // On separate streams types do not wait for each other: it becomes right, not at once.
    await expect.poll(() => get({ port })).toEqual({ status: 200, text: 'second' });
    await expect.poll(() => envoy.admin('/clusters')).not.toContain('one::observability_name');
    expect(lab.events.filter(({ kind }) => kind === 'rejected')).toEqual([]);
    expect(lab.server.status()).toMatchObject([{ node: 'proxy', fullyAcknowledged: 'r2' }]);
  });

  test('V1: the status that we tell of an Envoy is what its own configuration dump shows', async () => {
    const lab = await serve();
    const manner = present(MANNERS[2], 'delta ADS');
    const [port, upstream] = [await freePort(), await startUpstream('first')];
    const resources = [...mannerCluster(manner, 'one', upstream), ...mannerListener(manner, port, 'one')];
    lab.server.publish('edge', { revision: 'r1', resources, secretNames: [] });
    const envoy = await connect(manner);
    await lab.until(acknowledged('r1'));
    const configs = (await fetchStatus(lab.target, {})).config.flatMap(({ genericXdsConfigs }) => genericXdsConfigs);
    const dump = JSON.parse(await envoy.admin('/config_dump')) as { configs: Record<string, unknown>[] };
    // Of endpoints the dump tells no version.
    const ours = configs.filter(({ typeUrl }) => typeUrl !== TYPE_URL.endpoints);
    expect(ours.map(({ name, versionInfo }) => `${name} ${versionInfo}`).sort()).toEqual(dumped(dump.configs).sort());
    expect(configs.map(({ configStatus }) => ConfigStatus[configStatus])).toEqual(new Array(4).fill('SYNCED'));
  });

  test('V2: an Envoy that is set up for it reports the load of each endpoint', async () => {
    const reports: LoadReport[] = [];
    const lab = await serve({ loadReports: { intervalMs: 100, onReport: (report) => reports.push(report) } });
    const manner = present(MANNERS[2], 'delta ADS');
    const [port, upstream] = [await freePort(), await startUpstream('first')];
    const resources = [...mannerCluster(manner, 'one', upstream), ...mannerListener(manner, port, 'one')];
    lab.server.publish('edge', { revision: 'r1', resources, secretNames: [] });
    await connect(manner, true);
    await lab.until(acknowledged('r1'));
    const seen = () =>
      reports
        .filter(({ node }) => node === 'proxy')
        .flatMap(({ clusters }) => clusters.filter(({ cluster }) => cluster === 'one'))
        .flatMap(({ localities }) => localities.flatMap(({ endpoints }) => endpoints))
        .filter(({ address }) => address === `127.0.0.1:${upstream}`)
        .reduce((sum, { requests }) => sum + requests.succeeded, 0);
    // What was sent before the proxy was asked to report is not counted.
    const ask = async () => {
      await get({ port });
      return seen();
    };
    await expect.poll(ask).toBeGreaterThan(0);
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

/** Name and version of every dynamic resource in an Envoy's own dump. */
function dumped(configs: readonly Record<string, unknown>[]): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { version_info: version, ...rest } = value as Record<string, unknown>;
    const holder = ['cluster', 'listener', 'route_config', 'endpoint_config'].find((key) => key in rest);
    const resource = holder === undefined ? undefined : (rest[holder] as Record<string, unknown>);
    const name = resource?.name ?? resource?.cluster_name;
    if (typeof version === 'string' && typeof name === 'string') found.push(`${name} ${version}`);
    for (const member of Object.values(rest)) visit(member);
  };
  visit(configs);
  return found;
}
