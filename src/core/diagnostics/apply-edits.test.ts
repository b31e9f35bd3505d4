import { describe, expect, test } from 'vitest';
import { applyEdits } from './apply-edits.ts';
import type { Edit } from './diagnostic.ts';

function edit(line: number, from: number, to: number, replacement: string, endLine = line): Edit {
  return { span: { file: 'a', start: { line, column: from }, end: { line: endLine, column: to } }, replacement };
}

describe('edits', () => {
  test.each<[string, string, readonly Edit[], string]>([
    ['replace', 'a: one\nb: two\n', [edit(2, 4, 7, 'three')], 'a: one\nb: three\n'],
    ['are made in any order', 'a: one\nb: two\n', [edit(2, 4, 7, '2'), edit(1, 4, 7, '1')], 'a: 1\nb: 2\n'],
    ['put in', 'b: 1\n', [edit(1, 1, 1, 'a: 0\n')], 'a: 0\nb: 1\n'],
    ['take a line away', 'a\nb\nc\n', [edit(2, 1, 1, '', 3)], 'a\nc\n'],
    ['take the last line away', 'a\nb', [edit(2, 1, 1, '', 3)], 'a\n'],
    ['leave carriage returns', 'a: one\r\nb: two\r\n', [edit(1, 4, 7, '1')], 'a: 1\r\nb: two\r\n'],
    ['count UTF-16 units', '"\u{1f600}": x\n', [edit(1, 7, 8, 'y')], '"\u{1f600}": y\n'],
    ['do not overlap', 'abcdef', [edit(1, 1, 4, 'X'), edit(1, 3, 6, 'Y')], 'Xdef'],
  ])('%s', (_what, text, edits, expected) => {
    expect(applyEdits(text, edits)).toBe(expected);
  });
});
