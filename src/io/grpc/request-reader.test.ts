import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { nextSnapshot } from '../../core/xds/snapshot.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { versionTable } from '../../core/xds/version-table.ts';
import { DeltaDiscoveryRequestSchema } from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import { discoveryMethods } from './discovery-methods.ts';
import type { ReadRequest, XdsVariant } from './xds-variant.ts';

const NAMES = Array.from({ length: 200 }, (_, index) => `cluster-${index}`);

function reader(): XdsVariant['read'] {
  const methods = discoveryMethods();
  return present(methods[0], 'the aggregated delta service').read;
}

/** What a proxy sends that reconnects: its node, and all versions. */
function request(node: string, version: string): Uint8Array {
  const initialResourceVersions = Object.fromEntries(NAMES.map((name) => [name, version]));
  const message = { node: { id: node }, typeUrl: TYPE_URL.cluster, initialResourceVersions };
  return toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, message));
}

function keptIn({ event }: ReadRequest): readonly (readonly [string, string])[] {
  return event.kind === 'request' ? [...event.request.initialVersions] : [];
}

test('proxies that kept the same are one event from the third on, each with its own node', () => {
  const read = reader();
  const requests = ['a', 'b', 'c', 'd'].map((node) => read(request(node, 'v1')));
  expect(requests.map((each) => each.node()?.id)).toEqual(['a', 'b', 'c', 'd']);
  expect(requests[3]?.event).toBe(requests[2]?.event);
  expect(read(request('e', 'v2')).event).not.toBe(requests[2]?.event);
});

test('what is known of equal requests does not change with the buffer that they came in', () => {
  const read = reader();
  for (const node of ['a', 'b', 'c']) {
    const bytes = request(node, 'v1');
    read(bytes);
    bytes.fill(255);
  }
  expect(keptIn(read(request('d', 'v1')))).toEqual(NAMES.map((name) => [name, 'v1']));
});

test('versions in any order are compared as bytes, and those that differ are told', () => {
  const resources = NAMES.map((name) => ({ name, version: 'v1', bytes: new Uint8Array() }));
  const { types } = nextSnapshot(undefined, { revision: 'r', resources: new Map([[TYPE_URL.cluster, resources]]) });
  const table = versionTable(present(types.get(TYPE_URL.cluster), 'the type'));
  const entries = NAMES.toReversed().map((name): [string, string] => [name, name === 'cluster-7' ? 'old' : 'v1']);
  const message = {
    typeUrl: TYPE_URL.cluster,
    initialResourceVersions: Object.fromEntries([...entries, ['gone', 'v1']]),
  };
  const { event } = reader()(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, message)));
  const kept = event.kind === 'request' ? event.request.initialVersions : undefined;
  expect(kept?.compare?.(table)).toEqual({
    current: NAMES.length - 1,
    others: [
      ['cluster-7', 'old'],
      ['gone', 'v1'],
    ],
  });
});
