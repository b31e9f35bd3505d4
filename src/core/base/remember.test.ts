import { expect, test } from 'vitest';
import { perObject, perObjects } from './remember.ts';

test('a value is worked out once for each object', () => {
  const asked: string[] = [];
  const named = perObject(({ name }: { name: string }) => {
    asked.push(name);
    return name.length > 1 ? name : undefined;
  });
  const [long, short, alike] = [{ name: 'ab' }, { name: 'a' }, { name: 'ab' }];
  expect([long, short, long, short, alike].map(named)).toEqual(['ab', undefined, 'ab', undefined, 'ab']);
  expect(asked).toEqual(['ab', 'a', 'ab']);
});

test('of several values the first counts by itself, and the others as they were last', () => {
  const asked: string[] = [];
  const joined = perObjects(({ name }: { name: string }, other: { name: string }, count: number) => {
    asked.push(`${name}${other.name}${count}`);
    return `${name}${other.name}${count}`;
  });
  const [a, b, x, y] = [{ name: 'a' }, { name: 'b' }, { name: 'x' }, { name: 'y' }];
  expect([joined(a, x, 1), joined(b, x, 1), joined(a, x, 1), joined(a, x, 2), joined(a, y, 2)]).toEqual([
    ...['ax1', 'bx1', 'ax1', 'ax2', 'ay2'],
  ]);
  expect(asked).toEqual(['ax1', 'bx1', 'ax2', 'ay2']);
});

test('one value more, or one less, is another question', () => {
  const joined = perObjects((...all: readonly { name: string }[]) => all.map(({ name }) => name).join(''));
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  expect([joined(a), joined(a, b), joined(a, b, c), joined(a, b), joined(a)]).toEqual(['a', 'ab', 'abc', 'ab', 'a']);
});

test('a value that is told is not worked out', () => {
  const one = perObject(({ name }: { name: string }) => name);
  const two = perObjects(({ name }: { name: string }, count: number) => `${name}${count}`);
  const a = { name: 'a' };
  one.tell('told', a);
  two.tell('told', a, 1);
  expect([one(a), two(a, 1), two(a, 2)]).toEqual(['told', 'told', 'a2']);
});
