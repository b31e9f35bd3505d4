import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { AssertionFailure } from '../base/assert.ts';
import { resourceJson } from './open-references.ts';
import { envoyResource, packed } from './resource.ts';

describe('envoyResource', () => {
  test('the bytes do not depend on the order in which maps were written', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), { minLength: 2, maxLength: 6 });
    const twoOrders = keys.chain((names) =>
      fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length })),
    );
    fc.assert(
      fc.property(twoOrders, ([names, shuffled]) => {
        expect(withOptions(shuffled).bytes).toEqual(withOptions(names).bytes);
      }),
    );
  });

  test('what was written can be read back, nested messages included', () => {
    const resource = withOptions(['b', 'a']);
    expect(resource).toMatchObject({ typeUrl: 'type.googleapis.com/envoy.config.cluster.v3.Cluster', name: 'one' });
    const option = { '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', name: 'inner' };
    expect(resourceJson(resource)).toEqual({ name: 'one', typedExtensionProtocolOptions: { a: option, b: option } });
  });

  test('a resource without a name is a bug', () => {
    expect(() => envoyResource(ClusterSchema, { type: 'STATIC' }, [])).toThrow(AssertionFailure);
  });
});

function withOptions(keys: readonly string[]) {
  const options = Object.fromEntries(keys.map((key) => [key, packed(ClusterSchema, { name: 'inner' })]));
  return envoyResource(ClusterSchema, { name: 'one', typedExtensionProtocolOptions: options }, []);
}
