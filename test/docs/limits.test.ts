import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { present } from '../../src/core/base/assert.ts';
import { ROOT } from './fenced-blocks.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  s: 1_000,
  min: 60_000,
  d: 86_400_000,
};

/** A number with its unit, in bytes, milliseconds or as it is. */
function amount(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+) ?(\w*)$/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? Number.NaN);
}

/** What a source gives a name: a product or sum of numbers, or a quantity with its unit. */
function valueIn(path: string, name: string): number {
  const source = readFileSync(join(ROOT, path), 'utf8');
  const given = [...source.matchAll(new RegExp(`\\b${name}\\b(?:: \\w+)? ?[=:] ?(\\d[\\d_ *+]*|'\\w+')`, 'g'))];
  const text = present(given.at(-1)?.[1], `${name} in ${path}`);
  if (text.startsWith("'")) return amount(text.slice(1, -1));
  const factors = (term: string) => term.split('*').map((factor) => Number(factor.replaceAll('_', '')));
  return text.split('+').reduce((sum, term) => sum + factors(term).reduce((product, factor) => product * factor), 0);
}

const rows = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8').matchAll(
  /^\| ([^|]+) \| ([^|]+) \| `(\w+)` in `([\w./-]+)` \|/gm,
);
const limits = [...rows].map(([, what = '', value = '', name = '', path = '']) => ({ what, value, name, path }));

test.each(limits)('$what: $value', ({ value, name, path }) => {
  expect(valueIn(path, name)).toBe(amount(value));
});

test('every row of the page is read', () => {
  const text = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8');
  const tables = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| limit'));
  expect(limits.length).toBe(tables.length);
});

test('the decider takes the largest body that a route may admit', () => {
  const body = valueIn('src/core/language/check-route.ts', 'most');
  const message = valueIn('src/io/http/ext-proc-server.ts', 'messageBytesMax');
  expect(message - body).toBe(256 * 1024);
});
