import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from './line-diff.ts';

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

test('a change with three lines around it, and what is far away left out', () => {
  const before = text(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm']);
  const after = text(['a', 'b', 'c', 'X', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n']);
  expect(lineDiff('routes/chat.yaml', before, after)).toBe(
    text([
      '--- a/routes/chat.yaml',
      '+++ b/routes/chat.yaml',
      '@@ -1,7 +1,7 @@',
      ' a',
      ' b',
      ' c',
      '-d',
      '+X',
      ' e',
      ' f',
      ' g',
      '@@ -11,3 +11,4 @@',
      ' k',
      ' l',
      ' m',
      '+n',
    ]),
  );
});

test('a file that was empty, and equal files', () => {
  expect(lineDiff('a', '', 'x\n')).toBe('--- a/a\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n');
  expect(lineDiff('a', 'x\n', 'x\n')).toBe('');
});

test('a last line without a line break is marked', () => {
  expect(lineDiff('a', 'x\ny', 'x\nz').split('\n')).toEqual([
    ...['--- a/a', '+++ b/a', '@@ -1,2 +1,2 @@', ' x'],
    ...['-y', '\\ No newline at end of file', '+z', '\\ No newline at end of file', ''],
  ]);
});

test('a long text that is replaced whole', () => {
  const numbered = (word: string) => text(Array.from({ length: 1200 }, (_, index) => `${word} ${index}`));
  const [, , header, ...lines] = lineDiff('a', numbered('old'), numbered('new')).trimEnd().split('\n');
  expect(header).toBe('@@ -1,1200 +1,1200 @@');
  expect(lines.map((line) => line[0]).join('')).toBe(`${'-'.repeat(1200)}${'+'.repeat(1200)}`);
});

/** What `patch` does with it. */
function patched(before: readonly string[], diff: string): string[] {
  const result: string[] = [];
  let next = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const start = /^@@ -(\d+),(\d+) /.exec(line);
    if (start === null) {
      if (line[0] !== '-') result.push(line.slice(1));
      if (line[0] !== '+') next += 1;
    } else {
      const first = Number(start[1]) - (start[2] === '0' ? 0 : 1);
      result.push(...before.slice(next, first));
      next = first;
    }
  }
  return [...result, ...before.slice(next)];
}

test('a difference leads from the one text to the other', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      expect(patched(before, lineDiff('a', text(before), text(after)))).toEqual(after);
    }),
  );
});
