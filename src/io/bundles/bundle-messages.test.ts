import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../core/base/digest.ts';
import { counterKey } from '../../core/rollout/revision-counters.ts';
import { DeciderMessageSchema } from '../../gen/headgate/bundle/v1/bundle_pb.js';
import {
  type DeciderMessage,
  decodeDeciderMessage,
  decodeInUse,
  encodeDeciderMessage,
  encodeInUse,
  type InUse,
} from './bundle-messages.ts';

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex): Digest => `sha256:${hex}`);
const count = fc.nat(2 ** 40);
const amount = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0);
const counters = fc.record({
  ...{ requests: count, errors: count, denials: count, costUsd: amount, costUsdSquares: amount },
  firstTokens: fc.dictionary(fc.nat(149).map(String), fc.integer({ min: 1, max: 2 ** 40 })),
});
const key = fc
  .tuple(digest, fc.constantFrom('', 'edge', 'edge eu'))
  .map(([revision, fleet]) => counterKey(revision, fleet));
const name = fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme-ascii' });

const message: fc.Arbitrary<DeciderMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    hello: fc.record({ decider: name, instance: name, address: name, version: name }),
  }),
  fc.record({ kind: fc.constant('held' as const), digests: fc.array(digest, { maxLength: 5 }) }),
  fc.record({
    kind: fc.constant('counters' as const),
    counters: fc.array(fc.tuple(key, counters), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  }),
  fc.constant({ kind: 'leaving' as const }),
);

test('what a decider says is heard as it was said', () => {
  fc.assert(
    fc.property(message, (said) => {
      expect(decodeDeciderMessage(encodeDeciderMessage(said))).toEqual(said);
    }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('a cost of %s is said by no decider of ours', (costUsd) => {
  const counts = { requests: 1, errors: 0, denials: 0, costUsdSquares: 0, firstTokens: {} };
  const counted = new Map([[counterKey(`sha256:${'0'.repeat(64)}`, 'edge'), { ...counts, costUsd }]]);
  expect(decodeDeciderMessage(encodeDeciderMessage({ kind: 'counters', counters: counted }))).toBeUndefined();
});

test('what is in use is heard as it was said', () => {
  const maybe = fc.option(digest, { nil: undefined });
  const digests = fc.array(digest, { maxLength: 5 });
  const inUse: fc.Arbitrary<InUse> = fc.record({ live: maybe, candidate: maybe, needed: digests, named: digests });
  fc.assert(
    fc.property(inUse, (said) => {
      expect(decodeInUse(encodeInUse(said))).toEqual(said);
    }),
  );
});

test('bytes of a stranger are a message or none, and never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const kinds = [undefined, 'hello', 'held', 'counters', 'leaving'];
      expect(kinds).toContain(decodeDeciderMessage(bytes)?.kind);
      expect(() => decodeInUse(bytes)).not.toThrow();
    }),
  );
});

describe('what no decider of ours says is none', () => {
  const hello = { decider: 'd', instance: 'i', address: '', version: '1' };
  const long = 'x'.repeat(301);

  test.each([
    ['nothing', {}],
    ['no name', { kind: { case: 'hello', value: { ...hello, decider: '' } } }],
    ['no instance', { kind: { case: 'hello', value: { ...hello, instance: '' } } }],
    ['a long name', { kind: { case: 'hello', value: { ...hello, decider: long } } }],
    ['a long address', { kind: { case: 'hello', value: { ...hello, address: long } } }],
    ['something else than a digest', { kind: { case: 'held', value: { digests: ['../../etc/passwd'] } } }],
    [
      'too many digests',
      { kind: { case: 'held', value: { digests: new Array(1_001).fill(`sha256:${'1'.repeat(64)}`) } } },
    ],
    ['counters of nothing', { kind: { case: 'counters', value: { revisions: [{ digest: '' }] } } }],
  ])('%s', (_what, init) => {
    const bytes = toBinary(DeciderMessageSchema, create(DeciderMessageSchema, init as never));
    expect(decodeDeciderMessage(bytes)).toBe(undefined);
  });
});
