import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literalFinder } from './literal-finder.ts';
import { SECRET_FORMS } from './secret-forms.ts';

const literals = [...SECRET_FORMS.flatMap(({ prefixes }) => prefixes), 'eyJ', '-----BEGIN '];
const find = literalFinder(literals);

test('every literal has the letter by which it is found, and finds itself', () => {
  expect(literals.filter((literal) => find(`in ${literal}`, 0)?.literal !== literal)).toEqual([]);
});

test('the first literal is found, as a plain search for all of them does', () => {
  const longestFirst = [...literals].sort((left, right) => right.length - left.length);
  const plain = new RegExp(longestFirst.join('|'), 'g');
  const piece = fc.oneof(
    fc.constantFrom(...literals),
    fc.constantFrom(...literals).map((literal) => literal.slice(1)),
    fc.constantFrom(...literals).map((literal) => literal.slice(0, -1)),
    fc.constantFrom('-', '_', 'A', 'J', ' ', 's', 'k', 'gh', 'Ä', '😀'),
    fc.string(),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, fc.nat(20), (searched, from) => {
      plain.lastIndex = from;
      const hit = plain.exec(searched);
      const expected = hit === null ? undefined : { literal: hit[0], index: hit.index };
      expect(find(searched, from)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});
