import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { NodeSchema } from '../../gen/envoy/config/core/v3/base_pb.js';
import { nodeOf, toldNode } from './node-wire.ts';

const told = (node: MessageInitShape<typeof NodeSchema>) => nodeOf(create(NodeSchema, node));
const build = (label?: string): MessageInitShape<typeof NodeSchema> => ({
  userAgentName: 'envoy',
  userAgentVersionType: {
    case: 'userAgentBuildVersion',
    value: {
      version: { majorNumber: 1, minorNumber: 41, patch: 0 },
      ...(label === undefined ? {} : { metadata: { 'build.label': label } }),
    },
  },
});

test.each<[string, MessageInitShape<typeof NodeSchema>, object | undefined]>([
  ['a release', build(), { major: 1, minor: 41, patch: 0 }],
  ['a build between releases', build('dev'), { major: 1, minor: 41, patch: 0, label: 'dev' }],
  [
    'a text',
    { userAgentVersionType: { case: 'userAgentVersion', value: '1.38.2' } },
    { major: 1, minor: 38, patch: 2 },
  ],
  [
    'a text with a label',
    { userAgentVersionType: { case: 'userAgentVersion', value: '1.40.0-acme' } },
    { major: 1, minor: 40, patch: 0, label: 'acme' },
  ],
  ['a text that is no number', { userAgentVersionType: { case: 'userAgentVersion', value: 'newest' } }, undefined],
  ['nothing', {}, undefined],
])('the version of a node that tells %s', (_what, node, version) => {
  expect(told(node).version).toEqual(version);
});

test('proxies of one build share one set of extensions', () => {
  const extensions = [
    { name: 'router', typeUrls: ['envoy.Router'] },
    { name: 'two', typeUrls: ['envoy.A', 'envoy.B'] },
  ];
  const [first, second] = [told({ extensions }), told({ extensions: extensions.toReversed() })];
  expect(first.extensions).toEqual(new Set(['envoy.Router', 'envoy.A', 'envoy.B']));
  expect(second.extensions).toBe(first.extensions);
  expect(told({})).not.toHaveProperty('extensions');
});

test('a node tells what it understands', () => {
  expect(told({ clientFeatures: ['a', 'b'] }).features).toEqual(new Set(['a', 'b']));
  expect(told({})).not.toHaveProperty('features');
});

test('a node is shown by who it is and what it runs', () => {
  const node = { id: 'p', cluster: 'edge', metadata: { zone: 'a' }, ...build() };
  expect(create(NodeSchema, toldNode(told(node)))).toEqual(create(NodeSchema, node));
});

test.each<[string, MessageInitShape<typeof NodeSchema>]>([
  ['names', { id: 'a'.repeat(4_000), cluster: 'b'.repeat(97) }],
  ['metadata', { metadata: { note: 'a'.repeat(64 * 1024) } }],
  ['extensions', { extensions: [{ typeUrls: ['a'.repeat(1024 * 1024), 'b'] }] }],
  ['features', { clientFeatures: ['a'.repeat(1024 * 1024 + 1)] }],
])('a node is refused whose %s are too large', (_what, node) => {
  expect(() => told(node)).toThrow(expect.objectContaining({ code: 'xds-malformed-request' }));
});
