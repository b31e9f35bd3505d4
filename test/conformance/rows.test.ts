import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The rows of the conformance list: common to both variants (C), state of the world (S), delta (D), order and fleets
 * (O), load and drain (F), status and load reports (V). Row D9, aliases, says that nothing is needed.
 */
const ROWS = [
  ...rows('C', 1, 14),
  'C20',
  ...rows('S', 1, 6),
  ...rows('D', 1, 8),
  'D10',
  ...rows('O', 1, 7),
  ...rows('F', 1, 5),
  ...rows('V', 1, 2),
];

/** The start of a test's name: `C7: ...`, `S1, D3 %s: ...`. */
const NAME = /['"`]((?:[CSDOFV]\d+)(?:, [CSDOFV]\d+)*)(?: %s)?: /g;

test('every row of the conformance list has a test of its name', () => {
  const root = join(import.meta.dirname, '../..');
  const files = ['src', 'test', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => join(root, folder, path)),
  );
  const named = new Set(
    files.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(NAME)].flatMap(([, list = '']) => list.split(', ')),
    ),
  );
  expect(ROWS.filter((row) => !named.has(row))).toEqual([]);
});

function rows(letter: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
}
