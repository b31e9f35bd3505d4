import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closestWord } from './closest-word.ts';

const NAMES = ['chat-small', 'chat-next', 'gpt-4o', 'gpt-4o-mini', 'own'];

test.each([
  ['gpt-4o-mimi', 'gpt-4o-mini'],
  ['chat-smal', 'chat-small'],
  ['hcat-small', 'chat-small'],
  ['CHAT-NEXT', 'chat-next'],
  ['onw', 'own'],
  ['zephyr', undefined],
  ['own-but-much-longer', undefined],
])('%s means %s', (word, meant) => {
  expect(closestWord(word, NAMES)).toBe(meant);
});

test('of equally near words the first by code unit is meant, whatever their order', () => {
  expect([closestWord('cat', ['car', 'cab']), closestWord('cat', ['cab', 'car'])]).toEqual(['cab', 'cab']);
});

test('a word with one letter dropped is found again', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{5,80}$/), fc.nat(), (word, at) => {
      const index = at % word.length;
      expect(closestWord(word.slice(0, index) + word.slice(index + 1), [word])).toBe(word);
    }),
  );
});
