import { afterEach, expect, test } from 'vitest';
import { present } from '../../src/core/base/assert.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { ClientResourceStatus, type ClientStatusResponse, ConfigStatus } from '../../src/gen/beside_envoy/csds_pb.js';
import { startXdsLab, type XdsLab } from '../integration/xds-lab.ts';
import { namedOnly } from '../support/adapter-resource.ts';
import { DiscoveryClient, MANNERS } from './discovery-client.ts';
import { fetchStatus, streamStatus } from './status-client.ts';

const ends: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

async function serve(options: Parameters<typeof startXdsLab>[0] = {}): Promise<XdsLab> {
  const lab = await startXdsLab(options);
  ends.push(() => lab.server.close());
  const resources = ['a', 'b'].map((name) => ({ typeUrl: TYPE_URL.endpoints, name, bytes: namedOnly(name) }));
  lab.server.setSecrets(new Map([['key', 'value of a secret']]));
  lab.server.publish('edge', { revision: 'r1', resources, secretNames: ['key'] });
  return lab;
}

/** A proxy that took one assignment, refused another, did not answer for its secret, and asks for what is not there. */
async function connect({ target }: XdsLab, id: string): Promise<DiscoveryClient> {
  const client = new DiscoveryClient(target, present(MANNERS[2], 'delta ADS'), { id, cluster: 'edge' });
  ends.push(() => client.close());
  client.subscribe(TYPE_URL.endpoints, ['a', 'z']);
  await client.accept();
  client.subscribe(TYPE_URL.endpoints, ['b']);
  client.answer(await client.next(), 'why not');
  client.subscribe(TYPE_URL.secret, ['secret/key']);
  await client.next();
  await client.leftover();
  return client;
}

function shown({ config }: ClientStatusResponse): string[] {
  return config.flatMap(({ node, genericXdsConfigs }) =>
    genericXdsConfigs.map(({ name, configStatus, clientStatus, xdsConfig, errorState }) =>
      [
        node?.id,
        name,
        ConfigStatus[configStatus],
        ClientResourceStatus[clientStatus],
        xdsConfig === undefined ? '' : 'with content',
        errorState?.details ?? '',
      ].join(' '),
    ),
  );
}

test('V1: every resource that a proxy asked for is shown with its status, and secrets without their content', async () => {
  const lab = await serve();
  await connect(lab, 'proxy-1');
  const response = await fetchStatus(lab.target, {});
  expect(shown(response)).toEqual([
    'proxy-1 a SYNCED CLIENT_ACKED with content ',
    'proxy-1 b ERROR CLIENT_NACKED with content why not',
    'proxy-1 z NOT_SENT CLIENT_DOES_NOT_EXIST  ',
    'proxy-1 secret/key STALE CLIENT_REQUESTED  ',
  ]);
  const configs = present(response.config[0], 'one client').genericXdsConfigs;
  expect(configs.map(({ versionInfo }) => versionInfo)).toEqual([
    expect.stringMatching(/^[0-9a-f]{32}$/),
    expect.stringMatching(/^[0-9a-f]{32}$/),
    '',
    expect.stringMatching(/^[0-9a-f]{32}$/),
  ]);
  expect(Math.abs(Number(configs[1]?.errorState?.lastUpdateAttempt?.seconds) - Date.now() / 1_000)).toBeLessThan(60);
  expect(new TextDecoder().decode(configs[0]?.xdsConfig?.value)).toContain('a');
});

test('V1: contents may be left out, and matchers choose the nodes, on a stream each time anew', async () => {
  const lab = await serve();
  await connect(lab, 'proxy-1');
  await connect(lab, 'proxy-2');
  const only = { nodeId: { matchPattern: { case: 'suffix' as const, value: '-2' } } };
  const answers = await streamStatus(lab.target, [
    { nodeMatchers: [only], excludeResourceContents: true },
    { nodeMatchers: [{ nodeId: { matchPattern: { case: 'exact', value: 'nobody' } } }] },
  ]);
  expect(answers.map(shown)).toEqual([
    [
      'proxy-2 a SYNCED CLIENT_ACKED  ',
      'proxy-2 b ERROR CLIENT_NACKED  why not',
      'proxy-2 z NOT_SENT CLIENT_DOES_NOT_EXIST  ',
      'proxy-2 secret/key STALE CLIENT_REQUESTED  ',
    ],
    [],
  ]);
});

test('V1: who may not act for a node is not shown it', async () => {
  let isAllowed = true;
  const lab = await serve({ authorize: () => (isAllowed ? undefined : 'not yours') });
  await connect(lab, 'proxy-1');
  isAllowed = false;
  expect(shown(await fetchStatus(lab.target, {}))).toEqual([]);
});

test('V1: a proxy with the id of one of another fleet is shown its own alone', async () => {
  let isAllowed = true;
  const lab = await serve({ authorize: ({ cluster }) => (isAllowed || cluster === 'lab' ? undefined : 'not yours') });
  lab.server.publish('lab', { revision: 'r1', resources: [], secretNames: [] });
  const client = new DiscoveryClient(lab.target, present(MANNERS[2], 'delta ADS'), { id: 'proxy-1', cluster: 'lab' });
  ends.push(() => client.close());
  client.subscribe(TYPE_URL.endpoints, ['own']);
  await client.accept();
  await connect(lab, 'proxy-1');
  isAllowed = false;
  expect(shown(await fetchStatus(lab.target, {}))).toEqual(['proxy-1 own NOT_SENT CLIENT_DOES_NOT_EXIST  ']);
});

test('V1: a pattern that is none is an error of the caller', async () => {
  const lab = await serve();
  await connect(lab, 'proxy-1');
  const nodeId = { matchPattern: { case: 'safeRegex' as const, value: { regex: '(' } } };
  await expect(fetchStatus(lab.target, { nodeMatchers: [{ nodeId }] })).rejects.toMatchObject({ code: 3 });
});
