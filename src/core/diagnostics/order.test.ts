import { expect, test } from 'vitest';
import { diagnostic } from './diagnostic.ts';
import { ordered } from './order.ts';

function at(file: string, line: number, column: number, message: string) {
  return diagnostic('HG2002', { file, start: { line, column }, end: { line, column: column + 1 } }, message);
}

test('diagnostics come by file, line, column and message, each once', () => {
  const [a, b, c, d, e] = [
    at('a', 2, 1, 'x'),
    at('a', 10, 1, 'x'),
    at('a', 10, 2, 'x'),
    at('a', 10, 2, 'y'),
    at('b', 1, 1, 'x'),
  ];
  expect(ordered([e, d, c, b, a, at('a', 10, 1, 'x')])).toEqual([a, b, c, d, e]);
});
