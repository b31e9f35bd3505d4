import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { type NodeMatcher, NodeMatcherSchema } from '../../gen/envoy/type/matcher/v3/node_pb.js';
import type { StringMatcherSchema } from '../../gen/envoy/type/matcher/v3/string_pb.js';
import type { ValueMatcherSchema } from '../../gen/envoy/type/matcher/v3/value_pb.js';
import { nodeMatcher } from './node-matcher.ts';

const NODE = {
  id: 'Proxy-1',
  cluster: 'edge',
  metadata: { zone: { name: 'eu', weight: 3, spare: null }, tags: ['blue', 'old'], canary: true },
  userAgent: '',
  version: undefined,
};

type Value = MessageInitShape<typeof ValueMatcherSchema>;

const matchesNode = (matchers: readonly NodeMatcher[], node: typeof NODE) => nodeMatcher(matchers)(node);
const byId = (pattern: MessageInitShape<typeof StringMatcherSchema>) =>
  matchesNode([create(NodeMatcherSchema, { nodeId: pattern })], NODE);
const byMetadata = (path: string[], value: Value) => {
  const segments = path.map((key) => ({ segment: { case: 'key' as const, value: key } }));
  return matchesNode([create(NodeMatcherSchema, { nodeMetadatas: [{ path: segments, value }] })], NODE);
};
const text = (exact: string): Value => ({
  matchPattern: { case: 'stringMatch', value: { matchPattern: { case: 'exact', value: exact } } },
});

test('V1: without a matcher every node fits, with several one is enough', () => {
  expect(matchesNode([], NODE)).toBe(true);
  const other = create(NodeMatcherSchema, { nodeId: { matchPattern: { case: 'exact', value: 'other' } } });
  expect(matchesNode([other], NODE)).toBe(false);
  expect(matchesNode([other, create(NodeMatcherSchema, {})], NODE)).toBe(true);
});

test.each<[string, MessageInitShape<typeof StringMatcherSchema>, boolean]>([
  ['exact', { matchPattern: { case: 'exact', value: 'Proxy-1' } }, true],
  ['another case', { matchPattern: { case: 'exact', value: 'proxy-1' } }, false],
  ['any case', { matchPattern: { case: 'exact', value: 'proxy-1' }, ignoreCase: true }, true],
  ['a prefix', { matchPattern: { case: 'prefix', value: 'Proxy' } }, true],
  ['a suffix', { matchPattern: { case: 'suffix', value: '-2' } }, false],
  ['a part', { matchPattern: { case: 'contains', value: 'xy-' } }, true],
  ['a pattern', { matchPattern: { case: 'safeRegex', value: { regex: 'Proxy-[0-9]' } } }, true],
  ['a pattern that fits a part only', { matchPattern: { case: 'safeRegex', value: { regex: 'Proxy' } } }, false],
  ['nothing', {}, false],
])('V1: an id by %s', (_, pattern, expected) => {
  expect(byId(pattern)).toBe(expected);
});

test.each<[string, string[], Value, boolean]>([
  ['a text', ['zone', 'name'], text('eu'), true],
  ['another text', ['zone', 'name'], text('us'), false],
  ['a path that leads nowhere', ['zone', 'name', 'more'], text('eu'), false],
  ['presence', ['canary'], { matchPattern: { case: 'presentMatch', value: true } }, true],
  ['presence of what is not there', ['other'], { matchPattern: { case: 'presentMatch', value: true } }, false],
  ['a truth', ['canary'], { matchPattern: { case: 'boolMatch', value: true } }, true],
  ['nothing there', ['zone', 'spare'], { matchPattern: { case: 'nullMatch', value: {} } }, true],
  [
    'a range',
    ['zone', 'weight'],
    { matchPattern: { case: 'doubleMatch', value: { matchPattern: { case: 'range', value: { start: 3, end: 4 } } } } },
    true,
  ],
  [
    'a number',
    ['zone', 'weight'],
    { matchPattern: { case: 'doubleMatch', value: { matchPattern: { case: 'exact', value: 4 } } } },
    false,
  ],
  [
    'one of a list',
    ['tags'],
    { matchPattern: { case: 'listMatch', value: { matchPattern: { case: 'oneOf', value: text('old') } } } },
    true,
  ],
  [
    'one of several',
    ['zone', 'name'],
    { matchPattern: { case: 'orMatch', value: { valueMatchers: [text('eu')] } } },
    true,
  ],
  ['no pattern', ['zone'], {}, false],
])('V1: metadata by %s', (_, path, value, expected) => {
  expect(byMetadata(path, value)).toBe(expected);
});

test.each<[string, string[]]>([
  ['a long text', ['a'.repeat(501)]],
  ['many steps', ['.'.repeat(500)]],
  ['many steps together', Array.from({ length: 60 }, (_, index) => `${index}.....`)],
  ['a large repetition', ['a{1000}']],
  ['nothing that RE2 reads', ['(']],
])('patterns that are %s are refused', (_, patterns) => {
  const matchers = patterns.map((regex) =>
    create(NodeMatcherSchema, { nodeId: { matchPattern: { case: 'safeRegex', value: { regex } } } }),
  );
  expect(() => matchesNode(matchers, NODE)).toThrow();
});
