import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type Json } from './canonical-json.ts';
import { sameJson } from './same-json.ts';

test('two values are the same where their canonical texts are', () => {
  const leaf = fc.constantFrom<Json>(null, true, 0, 1, '', 'a');
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'origin', 'toString'), tie('value'), { maxKeys: 3 }),
    ),
  }));
  let same = 0;
  fc.assert(
    fc.property(value, value, fc.boolean(), (left, right, isCopy) => {
      const other = isCopy ? (JSON.parse(JSON.stringify(left)) as Json) : right;
      const isLeftOut = (key: string) => key === 'origin';
      expect(sameJson(left, other)).toBe(canonicalJson(left) === canonicalJson(other));
      expect(sameJson(left, other, isLeftOut)).toBe(canonicalJson(left, isLeftOut) === canonicalJson(other, isLeftOut));
      same += sameJson(left, other) ? 1 : 0;
    }),
    { numRuns: 500 },
  );
  expect(same).toBeGreaterThan(200);
});

test('a member that is undefined is absent', () => {
  expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(sameJson({ a: 1, b: undefined }, { a: 1, c: undefined })).toBe(true);
  expect(sameJson({ a: undefined }, { a: null })).toBe(false);
});
