import { afterEach, describe, expect, test } from 'vitest';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { resource, startXdsLab, type XdsLab } from '../integration/xds-lab.ts';
import { namedOnly } from '../support/adapter-resource.ts';
import { DiscoveryClient, MANNERS, type Manner, SERVICE_TYPES } from './discovery-client.ts';

const NODE = { id: 'proxy-1', cluster: 'edge' };
const [SOTW_ADS, SOTW, DELTA_ADS, DELTA] = MANNERS as [Manner, Manner, Manner, Manner];
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;
const ends: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

async function serve(typeUrls: readonly string[]): Promise<XdsLab> {
  const lab = await startXdsLab();
  ends.push(() => lab.server.close());
  const resources = typeUrls
    .filter((typeUrl) => typeUrl !== TYPE_URL.secret)
    .map((typeUrl) => ({ typeUrl, name: 'a', bytes: namedOnly('a') }));
  lab.server.publish('edge', { revision: 'r1', resources, secretNames: ['a'] });
  return lab;
}

function connect({ target }: XdsLab, manner: Manner): DiscoveryClient {
  const client = new DiscoveryClient(target, manner, NODE);
  ends.push(() => client.close());
  return client;
}

describe.each(MANNERS)('$name', (manner) => {
  const served = SERVICE_TYPES.filter((typeUrl) => manner.isDelta || typeUrl !== TYPE_URL.virtualHost);

  test('C1: every type is served, all on one port', async () => {
    const client = connect(await serve(SERVICE_TYPES), manner);
    const answers: string[] = [];
    for (const typeUrl of served) {
      client.subscribe(typeUrl, [typeUrl === TYPE_URL.secret ? 'secret/a' : 'a']);
      const answer = await client.accept();
      expect(answer.resources.size).toBe(1);
      answers.push(answer.typeUrl);
    }
    expect(answers).toEqual(served);
  });

  test('C3: the node may be on the first request of a stream only', async () => {
    const client = connect(await serve(SERVICE_TYPES), manner);
    client.subscribe(TYPE_URL.cluster, ['a']);
    await client.accept();
    client.subscribe(TYPE_URL.cluster, ['b']);
    expect((await client.accept()).typeUrl).toBe(TYPE_URL.cluster);
  });
});

test('C1: virtual hosts are not served in the state-of-the-world variant', async () => {
  const client = connect(await serve([]), SOTW);
  client.subscribe(TYPE_URL.virtualHost, ['a']);
  expect((await client.ended(TYPE_URL.virtualHost)).code).toBe(UNIMPLEMENTED);
});

test.each([
  ['sotw', SOTW],
  ['delta', DELTA],
])('C2: on a separate service (%s) no type means its own, and another one is an error', async (_, manner) => {
  const lab = await serve([TYPE_URL.route]);
  const client = connect(lab, manner);
  if (manner.isDelta) client.sendDelta(TYPE_URL.route, { node: NODE, resourceNamesSubscribe: ['a'] });
  else client.sendSotw(TYPE_URL.route, { node: NODE, resourceNames: ['a'] });
  const answer = await client.next();
  expect([answer.typeUrl, [...answer.resources.keys()]]).toEqual([TYPE_URL.route, ['a']]);
  const foreign = { node: NODE, typeUrl: TYPE_URL.cluster };
  const other = connect(lab, manner);
  if (manner.isDelta) other.sendDelta(TYPE_URL.route, foreign);
  else other.sendSotw(TYPE_URL.route, foreign);
  expect(await other.ended(TYPE_URL.route)).toMatchObject({
    code: INVALID_ARGUMENT,
    details: `this service carries ${TYPE_URL.route} only`,
  });
});

test.each([
  ['sotw', SOTW_ADS],
  ['delta', DELTA_ADS],
])('C2: on the aggregated service (%s) a request without a type is an error', async (_, manner) => {
  const client = connect(await serve([]), manner);
  if (manner.isDelta) client.sendDelta(TYPE_URL.route, { node: NODE });
  else client.sendSotw(TYPE_URL.route, { node: NODE });
  expect((await client.ended(TYPE_URL.route)).code).toBe(INVALID_ARGUMENT);
});

test('S3: a restarted server sends a client that has all nothing, by the version that it tells', async () => {
  const resources = [{ typeUrl: TYPE_URL.cluster, name: 'a', bytes: namedOnly('a') }];
  const publication = { revision: 'r1', resources, secretNames: [] };
  const versions: string[] = [];
  for (const known of ['', 'first']) {
    const lab = await startXdsLab();
    ends.push(() => lab.server.close());
    lab.server.publish('edge', publication);
    const client = connect(lab, SOTW);
    const versionInfo = known === '' ? '' : (versions[0] ?? '');
    client.sendSotw(TYPE_URL.cluster, { node: NODE, typeUrl: TYPE_URL.cluster, versionInfo });
    versions.push(...(known === '' ? [await client.next()] : await client.leftover()).map(({ version }) => version));
  }
  expect(versions).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

test('a proxy on separate services is one proxy: it has acknowledged a revision when each of its streams has', async () => {
  const lab = await startXdsLab();
  ends.push(() => lab.server.close());
  const resources = [resource(TYPE_URL.cluster, 'a', '\n\u0001a'), resource(TYPE_URL.listener, 'l', '\n\u0001l')];
  lab.server.publish('edge', { revision: 'r1', resources, secretNames: [] });
  const client = connect(lab, DELTA);
  client.subscribe(TYPE_URL.cluster);
  await client.accept();
  await client.leftover();
  expect(lab.server.status()).toMatchObject([{ node: 'proxy-1', fullyAcknowledged: undefined }]);
  client.subscribe(TYPE_URL.listener);
  await client.accept();
  expect(await lab.until((event) => event.kind === 'fully-acknowledged')).toMatchObject({ revision: 'r1' });
  const [proxy, ...others] = lab.server.status();
  expect([proxy?.fullyAcknowledged, proxy?.types.map(({ typeUrl }) => typeUrl), others]).toEqual([
    'r1',
    [TYPE_URL.cluster, TYPE_URL.listener],
    [],
  ]);
});
