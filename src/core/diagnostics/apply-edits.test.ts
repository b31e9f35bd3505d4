import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits } from './apply-edits.ts';
import type { Edit } from './diagnostic.ts';
import { textDiff } from './text-diff.ts';

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

describe('a diff', () => {
  test('has three lines of context and one hunk for each place', () => {
    const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join('');
    const after = before.replace('line 2\n', 'LINE 2\n').replace('line 18\n', '');
    expect(textDiff('a.yaml', before, after).split('\n')).toEqual([
      ...['--- a/a.yaml', '+++ b/a.yaml'],
      ...['@@ -1,5 +1,5 @@', ' line 1', '-line 2', '+LINE 2', ' line 3', ' line 4', ' line 5'],
      ...['@@ -15,6 +15,5 @@', ' line 15', ' line 16', ' line 17', '-line 18', ' line 19', ' line 20', ''],
    ]);
  });

  test('says where the last line has no line break', () => {
    expect(textDiff('a', 'x\ny', 'x\nz').split('\n')).toEqual([
      ...['--- a/a', '+++ b/a', '@@ -1,2 +1,2 @@', ' x'],
      ...['-y', '\\ No newline at end of file', '+z', '\\ No newline at end of file', ''],
    ]);
  });

  test('of the same text is empty', () => {
    expect(textDiff('a.yaml', 'a\n', 'a\n')).toBe('');
  });

  test('holds every line of both texts that differs', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const [old, fresh] = [before, after].map((all) => all.map((line) => `${line}\n`).join(''));
        const body = textDiff('f', old ?? '', fresh ?? '')
          .split('\n')
          .slice(2);
        const shown = body.filter((line) => !line.startsWith('@@'));
        const kept = (sign: string) => shown.filter((line) => line.startsWith(' ') || line.startsWith(sign)).length;
        expect(kept('+') - kept('-')).toBe(after.length - before.length);
      }),
    );
  });
});
