import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/core/diagnostics/apply-edits.ts';
import { type Diagnostic, hasErrors } from '../../src/core/diagnostics/diagnostic.ts';
import { renderText } from '../../src/core/diagnostics/render-text.ts';
import { MACHINE_FORMATS, renderReport } from '../../src/core/diagnostics/report-format.ts';
import { compileTree } from '../../src/core/language/compile-tree.ts';
import { GOLDEN_NOW_MS, goldenTrees, scanCredentials } from '../support/golden-trees.ts';

interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Every golden tree: between them they use every field and raise every code. */
const TREES: readonly (readonly TextFile[])[] = goldenTrees().map((tree) =>
  tree.files.map(({ path, bytes }) => ({ path, text: new TextDecoder().decode(bytes) })),
);

/** Words that mean something somewhere, and characters that YAML lives by. */
const SNIPPETS = [
  ...[
    '',
    ' ',
    '\n',
    ':',
    ' - ',
    '*',
    '&a',
    '[',
    '}',
    '"',
    '#',
    '|',
    'null',
    '-1',
    '1e9',
    '\t',
    '\r\n',
    '---\n',
    '\u00e9',
  ],
  ...[
    '"*"',
    'anonymous',
    'zero',
    '2026-12-01',
    '# headgate:allow HG3302 until 2027-01-01: x',
    'spec:',
    'name: x',
    '{}',
  ],
];

const edit = fc.record({
  file: fc.nat(),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 24 }),
  put: fc.constantFrom(...SNIPPETS),
});
interface TextChange {
  readonly file: number;
  readonly at: number;
  readonly removed: number;
  readonly put: string;
}

function edited(files: readonly TextFile[], { file, at, removed, put }: TextChange): TextFile[] {
  return files.map((item, index) => {
    if (index !== file % files.length) return item;
    const start = Math.floor(at * item.text.length);
    return { ...item, text: item.text.slice(0, start) + put + item.text.slice(start + removed) };
  });
}

/** Compiles as the product does; `isSound` where there is a model exactly where there is no error. */
function judged(files: readonly TextFile[]): {
  readonly diagnostics: readonly Diagnostic[];
  readonly isSound: boolean;
} {
  const { ir, diagnostics } = compileTree(files, undefined, scanCredentials, [], { nowMs: GOLDEN_NOW_MS });
  return { diagnostics, isSound: (ir === undefined) === hasErrors(diagnostics) };
}

function reportsOf(files: readonly TextFile[], diagnostics: readonly Diagnostic[]): string[] {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  const context = { version: '1', folder: '' };
  const reports = MACHINE_FORMATS.map((format) => renderReport(format, diagnostics, context));
  return [...reports, renderText(diagnostics, { sourceText: (path) => texts.get(path) })];
}

function mended(files: readonly TextFile[], diagnostics: readonly Diagnostic[]): TextFile[] {
  const edits = diagnostics.flatMap((item) => item.fix ?? []);
  return files.map(({ path, text }) => {
    const own = edits.filter(({ span }) => span.file === path);
    return { path, text: applyEdits(text, own) };
  });
}

test('whatever edits do to a tree: a model or an error, every report, and fixes that can be made', () => {
  const change = fc.tuple(fc.nat({ max: TREES.length - 1 }), fc.array(edit, { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(change, ([tree, edits]) => {
      const files = edits.reduce<readonly TextFile[]>(edited, TREES[tree] ?? []);
      const { diagnostics, isSound } = judged(files);
      const odd = reportsOf(files, diagnostics).filter((report) => /\b(?:undefined|NaN)\b/.test(report));
      expect(odd).toEqual([]);
      expect([isSound, judged(mended(files, diagnostics)).isSound]).toEqual([true, true]);
    }),
    { numRuns: 600 },
  );
});
