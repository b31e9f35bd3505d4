import { expect, test } from 'vitest';
import { type Diagnostic, diagnostic, type Span } from './diagnostic.ts';
import { renderJson } from './render-json.ts';
import { renderText } from './render-text.ts';

function span(file: string, line: number, from: number, to: number): Span {
  return { file, start: { line, column: from }, end: { line, column: to } };
}

const unknownModel = diagnostic('HG3107', span('models/eu.yaml', 10, 8, 12), 'unknown model "mini"', {
  related: [{ message: 'a close match, "mini-2", is defined here', span: span('models/openai.yaml', 12, 5, 9) }],
  hint: 'replace with "mini-2"',
});
const deadRoute = diagnostic('HG3302', span('routes/a.yaml', 1, 1, 2), 'the route "a" never wins');

/** Line 10 of any file is `model: mini`. */
function sourceText(): string {
  return `${'\n'.repeat(9)}model: mini\r\n`;
}

test('a diagnostic is its code, place, line, related places and fix', () => {
  expect(renderText([unknownModel, deadRoute], { sourceText })).toBe(
    [
      'error[HG3107]: unknown model "mini"',
      '  --> models/eu.yaml:10:8',
      '   |',
      '10 | model: mini',
      '   |        ^^^^',
      '   ::: models/openai.yaml:12:5  a close match, "mini-2", is defined here',
      '   = fix: replace with "mini-2"',
      '',
      'warning[HG3302]: the route "a" never wins',
      ' --> routes/a.yaml:1:1',
      '  |',
      '1 |',
      '  | ^',
      '',
      '1 error, 1 warning',
      '',
    ].join('\n'),
  );
});

test('without the text of the file there is no source line', () => {
  expect(renderText([deadRoute])).toBe(
    'warning[HG3302]: the route "a" never wins\n --> routes/a.yaml:1:1\n\n1 warning\n',
  );
});

test('no diagnostics are no text', () => {
  expect(renderText([])).toBe('');
});

test('a terminal is never sent what a file wrote for it', () => {
  const hostile = diagnostic('HG2002', span('a\u001b[2J.yaml', 1, 1, 3), 'unknown key "\u001b]0;x\u0007"');
  const text = renderText([hostile], { sourceText: () => '\u001b[31m\u202ered' });
  expect([...'\u001b\u0007\u202e'].filter((character) => text.includes(character))).toEqual([]);
});

test('colours mark the severity, the message and the frame', () => {
  expect(renderText([deadRoute], { colour: true })).toBe(
    '\u001b[1;33mwarning[HG3302]\u001b[0m: \u001b[1mthe route "a" never wins\u001b[0m\n' +
      ' \u001b[34m-->\u001b[0m routes/a.yaml:1:1\n\n1 warning\n',
  );
});

test('what is said of many places is shown at three, and all of it is counted', () => {
  const many = [1, 2, 3, 4, 5].map((line) => diagnostic('HG3101', span('a.yaml', line, 1, 2), 'unknown provider "x"'));
  expect(renderText(many)).toBe(
    [
      ...['error[HG3101]: unknown provider "x"', ' --> a.yaml:1:1', ''],
      ...['error[HG3101]: unknown provider "x"', ' --> a.yaml:2:1', ''],
      ...['error[HG3101]: unknown provider "x"', ' --> a.yaml:3:1', '  = and 2 more of the same', ''],
      ...['5 errors', ''],
    ].join('\n'),
  );
});

test('a long line is cut around the place', () => {
  const line = `${'a'.repeat(200)}HERE${'b'.repeat(200)}`;
  const far: Diagnostic = diagnostic('HG2002', span('x', 1, 201, 205), 'far');
  const [, , , source, caret] = renderText([far], { sourceText: () => line }).split('\n');
  expect([source, caret]).toEqual([`1 | ${'a'.repeat(40)}HERE${'b'.repeat(76)}`, `  | ${' '.repeat(40)}^^^^`]);
});

test('json holds every diagnostic whole, and the counts', () => {
  expect(JSON.parse(renderJson([unknownModel, deadRoute]))).toEqual({
    diagnostics: [unknownModel, deadRoute],
    errors: 1,
    warnings: 1,
  });
});
