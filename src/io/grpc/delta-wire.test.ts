import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  ResourceSchema,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { decodeDeltaRequest } from './delta-request.ts';
import { encodeReply } from './delta-wire.ts';

test('a response put together from encoded resources reads as one message', () => {
  const resource = (name: string) => ({ name, version: `${name}-version`, bytes: new TextEncoder().encode(name) });
  const bytes = encodeReply(
    {
      typeUrl: 'T',
      nonce: '7',
      resources: [resource('a'), resource('b')],
      removed: ['c', 'd'],
      systemVersion: 'r1',
      form: 'plain',
    },
    'headgate',
  );
  const wanted = create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo: 'r1',
    typeUrl: 'T',
    nonce: '7',
    resources: ['a', 'b'].map((name) => ({
      name,
      version: `${name}-version`,
      resource: { typeUrl: 'T', value: new TextEncoder().encode(name) },
    })),
    removedResources: ['c', 'd'],
    controlPlane: { identifier: 'headgate' },
  });
  expect(fromBinary(DeltaDiscoveryResponseSchema, new Uint8Array(Buffer.concat(bytes)))).toEqual(wanted);
});

test('C13: a heartbeat carries name, version and time, and no content', () => {
  const resources = [{ name: 'a', version: 'v1', bytes: new Uint8Array([1]), ttlMs: 1_500 }];
  const reply = { typeUrl: 'T', nonce: '7', resources, removed: [], systemVersion: 'r1' };
  const written = (form: 'expiring' | 'heartbeat') =>
    fromBinary(
      DeltaDiscoveryResponseSchema,
      new Uint8Array(Buffer.concat(encodeReply({ ...reply, form }, 'headgate'))),
    );
  const wrapped = { name: 'a', version: 'v1', ttl: { seconds: 1n, nanos: 500_000_000 } };
  const whole = { ...wrapped, resource: { typeUrl: 'T', value: new Uint8Array([1]) } };
  expect(written('heartbeat').resources).toEqual([create(ResourceSchema, wrapped)]);
  expect(written('expiring').resources).toEqual([create(ResourceSchema, whole)]);
});

test('a request keeps what the machine needs, and error_detail counts even when it is empty', () => {
  const message = create(DeltaDiscoveryRequestSchema, {
    typeUrl: 'T',
    responseNonce: '7',
    resourceNamesSubscribe: ['a'],
    resourceNamesUnsubscribe: ['b'],
    initialResourceVersions: { c: '1' },
    errorDetail: {},
    node: {
      id: 'proxy',
      cluster: 'edge',
      metadata: { ports: { api: 10_001 } },
      userAgentName: 'envoy',
      userAgentVersionType: {
        case: 'userAgentBuildVersion',
        value: { version: { majorNumber: 1, minorNumber: 40, patch: 2 } },
      },
    },
  });
  expect(decodeDeltaRequest(toBinary(DeltaDiscoveryRequestSchema, message))).toEqual({
    typeUrl: 'T',
    nonce: '7',
    subscribe: ['a'],
    unsubscribe: ['b'],
    initialVersions: expect.anything(),
    error: '',
  });
});
