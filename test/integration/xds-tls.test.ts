import { credentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { XdsClient } from './xds-client.ts';
import { resource, startXdsLab, type XdsLab } from './xds-lab.ts';

const authority = createAuthority();
const server = issueCertificate(authority, { hosts: ['127.0.0.1'] });
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function lab(options: Parameters<typeof startXdsLab>[0] = {}): Promise<XdsLab> {
  const started = await startXdsLab({
    listen: [{ host: '0.0.0.0', port: 0 }],
    tls: {
      certificate: server.certificatePem,
      key: server.privateKeyPem,
      clientAuthority: authority.certificatePem,
    },
    ...options,
  });
  ends.push(() => started.server.close());
  started.server.publish('edge', {
    revision: 'r1',
    resources: [resource(TYPE_URL.cluster, 'c', 'one')],
    secretNames: [],
  });
  return started;
}

function connect(target: string, issuer: typeof authority | undefined): XdsClient {
  const own = issuer === undefined ? undefined : issueCertificate(issuer, { hosts: ['edge.fleets.example'] });
  const channel = credentials.createSsl(
    Buffer.from(authority.certificatePem),
    own === undefined ? null : Buffer.from(own.privateKeyPem),
    own === undefined ? null : Buffer.from(own.certificatePem),
  );
  const client = new XdsClient(target, channel);
  ends.push(() => client.close());
  client.send({ typeUrl: TYPE_URL.cluster, node: { id: 'proxy-1', cluster: 'edge' } });
  return client;
}

test('mutual TLS is served on any address', async () => {
  const { target } = await lab();
  expect(await connect(target, authority).accept()).toMatchObject({ names: ['c'] });
});

test.each([
  ['no certificate', undefined],
  ['a certificate of another authority', createAuthority('another authority')],
])('a proxy with %s gets nothing', async (_, issuer) => {
  const { target, server: running } = await lab();
  expect((await connect(target, issuer).ended).code).toBe(status.UNAVAILABLE);
  expect(running.status()).toEqual([]);
});

test('the application authorises a node by the names of its certificate', async () => {
  const { target } = await lab({ authorize: (node, names) => `${node.cluster} is not for ${names}` });
  expect(await connect(target, authority).ended).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: 'edge is not for DNS:edge.fleets.example',
  });
});
