import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RegoValue, readValue, writeValue } from './value-text.ts';

test.each<[string, RegoValue]>([
  ['{"a": [1, -2.5, 1e3, null, true]}', { a: [1, -2.5, 1000, null, true] }],
  ['{1, "b", {2}}', new Set<RegoValue>([1, 'b', new Set([2])])],
  ['set()', new Set()],
  ['{}', {}],
  ['{"set": set(), "text": "{1}"}', { set: new Set(), text: '{1}' }],
  ['{1: "a", [2]: "b"}', { 1: 'a', '[2]': 'b' }],
  ['1700000000123456789', 1_700_000_000_123_456_789n],
  ['[9007199254740991, 9007199254740993]', [9_007_199_254_740_991, 9_007_199_254_740_993n]],
  ['[.5, -.5e1, 1.0, 2.]', [0.5, -5, 1, 2]],
  ['"12345678901234567890"', '12345678901234567890'],
])('%s is read as it is meant', (text, value) => {
  expect(readValue(text)).toEqual(value);
});

test.each(['', '[1', '{1, ', '{"a": ', 'yes', '"a'])('%j is no value', (text) => {
  expect(() => readValue(text)).toThrow(SyntaxError);
});

test('what is written is read back', () => {
  const { value } = fc.letrec<{ value: RegoValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, 2n ** 63n),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      fc.uniqueArray(fc.integer(), { maxLength: 4 }).map((items) => new Set<RegoValue>(items)),
    ),
  }));
  fc.assert(
    fc.property(value, (original) => {
      expect(readValue(writeValue(original))).toEqual(original);
    }),
  );
});
