import { expect, test } from 'vitest';
import { nodeRefusal, nodeVersion, type XdsNode } from './node.ts';

function node(userAgent: string, version?: readonly [number, number, number]): XdsNode {
  const [major = 0, minor = 0, patch = 0] = version ?? [];
  return {
    id: 'a',
    cluster: 'b',
    metadata: {},
    userAgent,
    version: version === undefined ? undefined : { major, minor, patch },
  };
}

test.each([
  ['the oldest that works', node('envoy', [1, 40, 0]), undefined],
  ['a newer one', node('envoy', [2, 0, 0]), undefined],
  ['an older one', node('envoy', [1, 39, 9]), 'Envoy 1.39.9 is older than 1.40'],
  ['one that hides it', node('envoy'), 'the Envoy does not tell its version; 1.40 or later is needed'],
  ['a client that is no Envoy', node('script'), undefined],
])('O6: %s', (_, given, refusal) => {
  expect(nodeRefusal(given)).toBe(refusal);
});

test('a version is shown as Envoy prints it', () => {
  expect([nodeVersion(node('envoy', [1, 40, 2])), nodeVersion(node('script'))]).toEqual(['1.40.2', '']);
});
