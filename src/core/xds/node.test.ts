import { describe, expect, test } from 'vitest';
import { extensionRefusal, missingExtensions, nodeRefusal, nodeVersion, type XdsNode } from './node.ts';

function node(userAgent: string, version?: readonly [number, number, number], label?: string): XdsNode {
  const [major = 0, minor = 0, patch = 0] = version ?? [];
  return {
    id: 'a',
    cluster: 'b',
    metadata: {},
    userAgent,
    version: version === undefined ? undefined : { major, minor, patch, ...(label === undefined ? {} : { label }) },
  };
}

test.each([
  ['the oldest that works', node('envoy', [1, 40, 0]), undefined],
  ['a newer one', node('envoy', [2, 0, 0]), undefined],
  ['an older one', node('envoy', [1, 39, 9]), 'Envoy 1.39.9 is older than 1.40'],
  ['one that hides it', node('envoy'), 'the Envoy does not tell its version; 1.40 or later is needed'],
  ['a build of somebody', node('envoy', [1, 40, 0], 'acme'), undefined],
  [
    'a build before the release',
    node('envoy', [1, 40, 0], 'dev'),
    'Envoy 1.40.0-dev was built before 1.40 was released',
  ],
  ['a build on the way to the next', node('envoy', [1, 41, 0], 'dev'), undefined],
  ['an older build of somebody', node('envoy', [1, 38, 2], 'acme'), 'Envoy 1.38.2-acme is older than 1.40'],
  ['a client that is no Envoy', node('script'), undefined],
])('O6: %s', (_, given, refusal) => {
  expect(nodeRefusal(given)).toBe(refusal);
});

describe('O6: what a node lacks', () => {
  const needed = ['envoy.Router', 'envoy.Tls'];
  test.each<[string, readonly string[] | undefined, readonly string[]]>([
    ['of one that has all', ['envoy.Tls', 'envoy.Router', 'envoy.Other'], []],
    ['of one that has some', ['envoy.Tls'], ['envoy.Router']],
    ['of one that has none', [], needed],
    ['of one that does not tell', undefined, []],
  ])('%s', (_, extensions, missing) => {
    expect(missingExtensions(extensions && new Set(extensions), needed)).toEqual(missing);
  });
});

test.each<[readonly string[], string | undefined]>([
  [[], undefined],
  [['a'], 'envoy 1.40.0 was built without a'],
  [['a', 'b', 'c', 'd', 'e'], 'envoy 1.40.0 was built without a, b, c and 2 more'],
])('O6: a node without %j is told why', (missing, refusal) => {
  expect(extensionRefusal(node('envoy', [1, 40, 0]), missing)).toBe(refusal);
});

test('a version is shown as Envoy prints it', () => {
  expect([
    nodeVersion(node('envoy', [1, 40, 2])),
    nodeVersion(node('envoy', [1, 41, 0], 'dev')),
    nodeVersion(node('script')),
  ]).toEqual(['1.40.2', '1.41.0-dev', '']);
});
