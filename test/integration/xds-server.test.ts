import { mkdtemp, rm } from 'node:fs/promises';
import { constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { connectWithoutReading, XdsClient } from './xds-client.ts';
import { resource, startXdsLab, type XdsLab } from './xds-lab.ts';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function lab(options: Parameters<typeof startXdsLab>[0] = {}): Promise<XdsLab> {
  const started = await startXdsLab(options);
  ends.push(() => started.server.close());
  return started;
}

function client(target: string): XdsClient {
  const connected = new XdsClient(target);
  ends.push(() => connected.close());
  return connected;
}

const NODE = { id: 'proxy-1', cluster: 'edge' };

test('a proxy gets its fleet, acknowledges it, and is shown so', async () => {
  const { server, target, until } = await lab();
  server.publish('edge', {
    revision: 'r1',
    resources: [resource(TYPE_URL.cluster, 'c', 'one'), resource(TYPE_URL.listener, 'l', 'one')],
    secretNames: [],
  });
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  proxy.send({ typeUrl: TYPE_URL.listener });
  expect(await proxy.accept()).toEqual({ typeUrl: TYPE_URL.cluster, names: ['c'], removed: [], revision: 'r1' });
  expect(await proxy.accept()).toEqual({ typeUrl: TYPE_URL.listener, names: ['l'], removed: [], revision: 'r1' });
  expect(await until((event) => event.kind === 'fully-acknowledged')).toEqual({
    kind: 'fully-acknowledged',
    stream: 1,
    node: 'proxy-1',
    fleet: 'edge',
    revision: 'r1',
  });
  const served = { acknowledged: 'r1', subscribed: '*', unanswered: 0, refused: [], rejection: undefined };
  expect(server.status()).toEqual([
    {
      stream: 1,
      node: 'proxy-1',
      fleet: 'edge',
      peer: expect.stringMatching(/^127\.0\.0\.1:/),
      version: '',
      connectedAtMs: expect.any(Number),
      held: undefined,
      offered: 'r1',
      fullyAcknowledged: 'r1',
      pushed: { responses: 2, resources: 2, bytes: expect.any(Number) },
      types: [
        { typeUrl: TYPE_URL.cluster, ...served },
        { typeUrl: TYPE_URL.listener, ...served },
      ],
    },
  ]);
});

test('O5: a proxy of an unknown fleet is held open, reported, and served once its fleet is published', async () => {
  const { server, target, until } = await lab();
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  expect(await until((event) => event.kind === 'held')).toEqual({
    kind: 'held',
    stream: 1,
    node: 'proxy-1',
    fleet: 'edge',
    reason: 'unknown-fleet',
  });
  server.publish('edge', { revision: 'r1', resources: [resource(TYPE_URL.cluster, 'c', 'one')], secretNames: [] });
  expect(await proxy.accept()).toMatchObject({ names: ['c'], revision: 'r1' });
});

test('O6: an Envoy that is too old is held open, named and sent nothing', async () => {
  const { server, target, until } = await lab();
  server.publish('edge', { revision: 'r1', resources: [resource(TYPE_URL.cluster, 'c', 'one')], secretNames: [] });
  const proxy = client(target);
  const version = { majorNumber: 1, minorNumber: 39, patch: 1 };
  const agent = { case: 'userAgentBuildVersion', value: { version } } as const;
  proxy.send({ typeUrl: TYPE_URL.cluster, node: { ...NODE, userAgentName: 'envoy', userAgentVersionType: agent } });
  const reason = 'Envoy 1.39.1 is older than 1.40';
  expect(await until((event) => event.kind === 'held')).toMatchObject({ node: 'proxy-1', reason });
  expect(server.status()).toMatchObject([{ held: reason, offered: undefined, pushed: { responses: 0 } }]);
});

test('O6: an Envoy without an extension that its fleet needs keeps what it has, is named, and is served once it is not needed', async () => {
  const { server, target, until } = await lab();
  const cluster = (text: string) => resource(TYPE_URL.cluster, 'c', text);
  server.publish('edge', {
    revision: 'r1',
    resources: [cluster('one')],
    secretNames: [],
    extensions: ['envoy.Router'],
  });
  const proxy = client(target);
  const version = { majorNumber: 1, minorNumber: 40, patch: 0 };
  const agent = { case: 'userAgentBuildVersion', value: { version } } as const;
  const extensions = [{ name: 'envoy.router', typeUrls: ['envoy.Router'] }];
  const node = { ...NODE, extensions, userAgentName: 'envoy', userAgentVersionType: agent };
  proxy.send({ typeUrl: TYPE_URL.cluster, node });
  expect(await proxy.accept()).toMatchObject({ revision: 'r1' });
  const needed = ['envoy.Router', 'envoy.New'];
  server.publish('edge', { revision: 'r2', resources: [cluster('two')], secretNames: [], extensions: needed });
  const reason = 'envoy 1.40.0 was built without envoy.New';
  expect(await until((event) => event.kind === 'held')).toMatchObject({ node: 'proxy-1', reason });
  expect(server.status()).toMatchObject([{ held: reason, offered: 'r1' }]);
  server.publish('edge', { revision: 'r3', resources: [cluster('three')], secretNames: [], extensions: [] });
  expect(await proxy.accept()).toMatchObject({ revision: 'r3' });
  expect(server.status()).toMatchObject([{ held: undefined }]);
});

test('a proxy gets only the secrets that its fleet refers to, an unset one empty, and a rotation at once', async () => {
  const { server, target } = await lab();
  server.setSecrets(
    new Map([
      ['key-a', 'value-a'],
      ['key-b', 'value-b'],
    ]),
  );
  server.publish('edge', { revision: 'r1', resources: [], secretNames: ['key-a', 'key-c'] });
  const proxy = client(target);
  const names = ['secret/key-a', 'secret/key-b', 'secret/key-c'];
  proxy.send({ typeUrl: TYPE_URL.secret, node: NODE, resourceNamesSubscribe: names });
  const first = await proxy.next();
  const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);
  expect(first.resources.map(({ name, resource: any }) => [name, text(any?.value)])).toEqual([
    ['secret/key-a', 'value-a'],
    ['secret/key-c', ''],
  ]);
  expect(first.removedResources).toEqual(['secret/key-b']);
  expect(first.resources[0]?.version).toMatch(/^[0-9a-f]{32}$/);
  proxy.send({ typeUrl: TYPE_URL.secret, responseNonce: first.nonce });
  server.setSecrets(
    new Map([
      ['key-a', 'value-a'],
      ['key-c', 'value-c'],
    ]),
  );
  expect(await proxy.accept()).toMatchObject({ names: ['secret/key-c'], removed: [] });
});

test('what all fleets share is served beside their publications, at once and to those who ask for it', async () => {
  const { server, target } = await lab();
  const shared = (text: string) => server.setShared([resource(TYPE_URL.endpoints, 'deciders', text)]);
  shared('none');
  const pool = resource(TYPE_URL.endpoints, 'pool', 'one');
  server.publish('edge', { revision: 'r1', resources: [pool], secretNames: [] });
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.endpoints, node: NODE, resourceNamesSubscribe: ['deciders'] });
  expect(await proxy.accept()).toMatchObject({ names: ['deciders'], removed: [], revision: 'r1' });
  shared('two');
  expect(await proxy.accept()).toMatchObject({ names: ['deciders'], removed: [], revision: 'r1' });
  proxy.send({ typeUrl: TYPE_URL.endpoints, resourceNamesSubscribe: ['pool'] });
  expect(await proxy.accept()).toMatchObject({ names: ['pool'], removed: [] });
});

test('proxies with equal overrides share their rewritten listener', async () => {
  const { server, target } = await lab({
    placeNode: (node) => ({
      fleet: node.cluster,
      overlay: { key: node.id, apply: (given) => resource(given.typeUrl, given.name, `${node.id}'s`) },
    }),
  });
  server.publish('edge', { revision: 'r1', resources: [resource(TYPE_URL.listener, 'l', 'all')], secretNames: [] });
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.listener, node: NODE });
  const response = await proxy.next();
  expect(new TextDecoder().decode(response.resources[0]?.resource?.value)).toBe("proxy-1's");
});

test.each([
  ['C2: a request without type_url', { node: NODE }, status.INVALID_ARGUMENT],
  ['C3: a first request without a node', { typeUrl: TYPE_URL.cluster }, status.INVALID_ARGUMENT],
  ['C3: a node without an id', { typeUrl: TYPE_URL.cluster, node: { cluster: 'edge' } }, status.INVALID_ARGUMENT],
])('%s ends the call with a status', async (_, request, code) => {
  const { target } = await lab();
  const proxy = client(target);
  proxy.send(request);
  expect((await proxy.ended).code).toBe(code);
});

test('bytes that are no request end the call, not the server', async () => {
  const { server, target } = await lab();
  const broken = client(target);
  broken.sendBytes(new Uint8Array([0xff, 0xff, 0xff]));
  expect((await broken.ended).code).toBe(status.INVALID_ARGUMENT);
  server.publish('edge', { revision: 'r1', resources: [resource(TYPE_URL.cluster, 'c', 'one')], secretNames: [] });
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  expect(await proxy.accept()).toMatchObject({ names: ['c'] });
});

test('a node that the application does not authorise is refused with its reason', async () => {
  const { target } = await lab({ authorize: (node) => `${node.id} is not of this fleet` });
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  expect(await proxy.ended).toMatchObject({ code: status.PERMISSION_DENIED, details: 'proxy-1 is not of this fleet' });
});

test('C12: a half-closed call ends, and a cancelled one leaves nothing behind', async () => {
  const { server, target, until } = await lab();
  const half = client(target);
  half.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  await until((event) => event.kind === 'held');
  half.endWriting();
  await until((event) => event.kind === 'disconnected');
  const gone = client(target);
  gone.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  await until((event) => event.kind === 'held');
  gone.close();
  await until((event) => event.kind === 'disconnected');
  expect(server.status()).toEqual([]);
});

test('F2: a proxy that does not read is closed UNAVAILABLE, and its memory is given back', async () => {
  const limits = { requestBytesMax: 1_000_000, streamsMax: 10, drainTimeoutMs: 50 };
  const { server, target, until } = await lab({ limits });
  const proxy = connectWithoutReading(target, { typeUrl: TYPE_URL.cluster, node: NODE });
  ends.push(() => proxy.close());
  await until((event) => event.kind === 'held');
  const large = Array.from({ length: 8 }, (_, index) => resource(TYPE_URL.cluster, `c${index}`, 'x'.repeat(900_000)));
  server.publish('edge', { revision: 'r1', resources: large, secretNames: [] });
  expect(await until((event) => event.kind === 'disconnected')).toMatchObject({
    reason: 'the peer does not read',
  });
  expect(await proxy.reset).toBe(constants.NGHTTP2_CANCEL);
  expect(server.status()).toEqual([]);
});

test('streams above the limit get RESOURCE_EXHAUSTED', async () => {
  const limits = { requestBytesMax: 1_000_000, streamsMax: 1, drainTimeoutMs: 30_000 };
  const { target, until } = await lab({ limits });
  const first = client(target);
  first.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  await until((event) => event.kind === 'held');
  expect((await client(target).ended).code).toBe(status.RESOURCE_EXHAUSTED);
});

test('F4: draining ends every call and then the connections', async () => {
  const { server, target, until } = await lab();
  const proxy = client(target);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  await until((event) => event.kind === 'held');
  const drained = server.drain(10);
  expect((await proxy.ended).code).toBe(status.UNAVAILABLE);
  proxy.close();
  await drained;
  expect(server.status()).toEqual([]);
});

test('plain TCP is refused wherever another machine could connect', async () => {
  const options = { listen: [{ host: '0.0.0.0', port: 0 }] };
  await expect(startXdsLab(options)).rejects.toMatchObject({ code: 'xds-insecure-listener' });
});

test('an address in use is a failure with the cause', async () => {
  const { port } = await lab();
  const failure = startXdsLab({ listen: [{ host: '127.0.0.1', port }] });
  await expect(failure).rejects.toMatchObject({ code: 'xds-listen-failed', cause: expect.any(Error) });
});

test('a Unix socket is served', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-xds-'));
  ends.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'xds.sock');
  const { server } = await lab({ listen: [{ path }] });
  server.publish('edge', { revision: 'r1', resources: [resource(TYPE_URL.cluster, 'c', 'one')], secretNames: [] });
  const proxy = client(`unix:${path}`);
  proxy.send({ typeUrl: TYPE_URL.cluster, node: NODE });
  expect(await proxy.accept()).toMatchObject({ names: ['c'] });
});
