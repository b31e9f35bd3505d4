import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import type { Reply } from '../../core/xds/stream.ts';
import {
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  ResourceSchema,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { decodeSotwRequest, encodeSotwReply } from './sotw-wire.ts';

const BYTES = new Uint8Array([1, 2, 3]);
const WITHOUT_LIMIT = { name: 'a', version: 'v1', bytes: BYTES };
const WITH_LIMIT = { name: 'b', version: 'v2', bytes: BYTES, ttlMs: 1_500 };

function written(form: Reply['form']) {
  const resources = [WITHOUT_LIMIT, WITH_LIMIT];
  const reply: Reply = { typeUrl: 'T', nonce: '7', resources, removed: [], systemVersion: 'r1', form };
  return fromBinary(DiscoveryResponseSchema, new Uint8Array(Buffer.concat(encodeSotwReply(reply, 'headgate'))));
}

test('a response put together from encoded resources reads as one message', () => {
  const wanted = create(DiscoveryResponseSchema, {
    versionInfo: 'r1',
    typeUrl: 'T',
    nonce: '7',
    resources: [
      { typeUrl: 'T', value: BYTES },
      { typeUrl: 'T', value: BYTES },
    ],
    controlPlane: { identifier: 'headgate' },
  });
  expect(written('plain')).toEqual(wanted);
});

test('C13: only a resource that expires is wrapped, and a heartbeat has no content', () => {
  const [first, second] = written('expiring').resources;
  expect(first?.typeUrl).toBe('T');
  const wrapped = { name: 'b', version: 'v2', ttl: durationFromMs(1_500) };
  const whole = create(ResourceSchema, { ...wrapped, resource: { typeUrl: 'T', value: BYTES } });
  expect(second).toEqual(anyPack(ResourceSchema, whole));
  const beat = written('heartbeat').resources[1];
  expect(beat && anyUnpack(beat, ResourceSchema)).toEqual(create(ResourceSchema, wrapped));
});

test('a request keeps what the machine needs', () => {
  const message = create(DiscoveryRequestSchema, {
    typeUrl: 'T',
    versionInfo: 'v',
    responseNonce: '7',
    resourceNames: ['a'],
    errorDetail: {},
  });
  expect(decodeSotwRequest(toBinary(DiscoveryRequestSchema, message))).toEqual({
    typeUrl: 'T',
    nonce: '7',
    names: ['a'],
    version: 'v',
    error: '',
  });
});
