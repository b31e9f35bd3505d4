import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODES, type Code } from '../src/core/diagnostics/codes.ts';
import type { Diagnostic } from '../src/core/diagnostics/diagnostic.ts';
import { compileTree } from '../src/core/language/compile-tree.ts';
import { FILE_BYTES_MAX } from '../src/core/language/decode-text.ts';
import { TREE_FILES_MAX } from '../src/core/language/read-tree.ts';
import type { TreeFile } from '../src/core/language/tree-file.ts';
import { sample } from '../src/core/policy/detectors/samples.ts';
import { GOLDEN_NOW_MS, type GoldenTree, goldenTrees, scanCredentials } from './support/golden-trees.ts';

const PAGES = join(import.meta.dirname, '../docs/codes');
const codes = Object.entries(CODES) as [Code, { title: string; severity: string }][];

describe('every code has its page', () => {
  test('and every page its code', () => {
    expect(readdirSync(PAGES).sort()).toEqual(codes.map(([code]) => `${code}.md`).sort());
  });

  test.each(codes)('%s says what, wrong, right and why', (code, { title, severity }) => {
    const page = readFileSync(join(PAGES, `${code}.md`), 'utf8');
    expect(page.split('\n').slice(0, 4)).toEqual([`# ${code}: ${title}`, '', `Severity: ${severity}`, '']);
    expect(page.split('\n').filter((line) => line.startsWith('## '))).toEqual(['## Wrong', '## Right', '## Why']);
  });
});

/** Trees that are too large to keep, and one that must not be kept. */
const MADE_TREES: readonly (readonly TreeFile[])[] = [
  [{ path: 'large.yaml', bytes: new Uint8Array(FILE_BYTES_MAX + 1) }],
  Array.from({ length: TREE_FILES_MAX + 1 }, (_, index) => ({ path: `${index}.txt`, text: '' })),
  [{ path: 'notes.rego', text: `package notes\n# ${sample('aws-access-key')}\n` }],
];

/** Raised by the reader of Git trees and by what comes after the language; tested there. */
function raisedElsewhere(code: string): boolean {
  return code === 'HG1016' || code > 'HG4000';
}

test('every code of the language is raised by a golden tree', () => {
  const golden = goldenTrees().flatMap(diagnosticsOf);
  const made = MADE_TREES.flatMap((files) => compileTree(files, undefined, scanCredentials).diagnostics);
  const raised = new Set([...golden, ...made].map((item) => item.code));
  const expected = codes.map(([code]) => code).filter((code) => !raisedElsewhere(code));
  expect([...raised].sort()).toEqual(expected.sort());
});

test('a golden tree raises the code that it is named after', () => {
  const named = goldenTrees().filter((tree) => tree.name.startsWith('HG'));
  const wrong = named.filter((tree) => {
    const raised = new Set(diagnosticsOf(tree).map((item) => item.code));
    return [...raised].join() !== tree.name.slice(0, 6);
  });
  expect(wrong.map((tree) => tree.name)).toEqual([]);
});

function diagnosticsOf({ files, context }: GoldenTree): readonly Diagnostic[] {
  return compileTree(files, context, scanCredentials, [], { nowMs: GOLDEN_NOW_MS }).diagnostics;
}
