import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './fenced-blocks.ts';

const adrs = readdirSync(join(ROOT, 'docs/adr')).map((name) => `docs/adr/${name}`);
const ours = adrs.filter((path) => path > 'docs/adr/0020');
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'docs/glossary.md',
  'docs/limits.md',
  'docs/running.md',
  'docs/source.md',
  'docs/deciders.md',
  ...ours,
];

/** What looks like a path of the repository: below one of its folders, or a page at its top; `<...>` stands for a name. */
const PATH = /`((?:src|test|docs|scripts|bench|bin|proto|policies|schemas|examples)(?:\/[\w.-]+)*\/?|\w+\.md)`/g;

function namedPaths(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(PATH)].map(([, path = '']) => path);
}

describe('every file that a page names is there', () => {
  test.each(PAGES)('%s', (page) => {
    expect(namedPaths(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('the pattern finds the names', () => {
  expect(namedPaths('ARCHITECTURE.md').length).toBeGreaterThan(60);
});

test('ARCHITECTURE.md names every folder of the core and of the world', () => {
  const folders = ['src/core', 'src/io'].flatMap((parent) => {
    const entries = readdirSync(join(ROOT, parent), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${parent}/${name}`);
  });
  const named = new Set(namedPaths('ARCHITECTURE.md'));
  expect(folders.filter((folder) => !named.has(folder))).toEqual([]);
});

test('every npm script that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const known = new Set(Object.keys(scripts));
  const named = [...PAGES, 'examples/quickstart/README.md'].flatMap((page) => {
    const uses = readFileSync(join(ROOT, page), 'utf8').matchAll(/\bnpm (?:run ([a-z]+)|(test)\b)/g);
    return [...uses].map(([, script, plain]) => `${script ?? plain}`);
  });
  expect([...new Set(named)].filter((script) => !known.has(script))).toEqual([]);
  expect(new Set(named).size).toBeGreaterThan(4);
});
