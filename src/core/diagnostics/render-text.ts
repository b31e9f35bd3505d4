import { CODES, type CodeEntry, type Severity } from './codes.ts';
import type { Diagnostic, Related, Span } from './diagnostic.ts';
import { visibleText } from './visible-text.ts';

/** Source lines longer than this are cut around the place that is shown. */
const LINE_WIDTH_MAX = 120;
/** How much of a long line stands before the place. */
const LINE_LEAD = 40;

export interface TextStyle {
  /** The text of a file of the tree; without it no source line is shown. */
  readonly sourceText?: (file: string) => string | undefined;
  /** Whether ANSI colours are wanted; off by default. */
  readonly colour?: boolean;
}

/** The form that people read: one block per diagnostic, then a line with the counts; empty for no diagnostics. */
export function renderText(diagnostics: readonly Diagnostic[], style: TextStyle = {}): string {
  if (diagnostics.length === 0) return '';
  const paint = painter(style.colour ?? false);
  const linesOf = lineReader(style.sourceText ?? (() => undefined));
  const blocks = folded(diagnostics).map(({ shown, more }) => {
    const block = renderOne(shown, linesOf, paint);
    const margin = ' '.repeat(String(shown.span.start.line).length + 1);
    return more === 0 ? block : `${block}${margin}${paint('frame', '=')} and ${more} more of the same\n`;
  });
  return `${blocks.join('\n')}\n${summary(diagnostics)}\n`;
}

/** One mistake that shows at many places is shown at a few: the others would bury what else is wrong. */
const SAME_SHOWN_MAX = 3;

/** The diagnostics to show, each with how many others say the same word for word and are left out behind it. */
function folded(diagnostics: readonly Diagnostic[]): { readonly shown: Diagnostic; readonly more: number }[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const item of diagnostics) {
    const key = `${item.code}\0${item.message}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [item]);
    else same.push(item);
  }
  return diagnostics.flatMap((item) => {
    const same = groups.get(`${item.code}\0${item.message}`) ?? [];
    const at = same.slice(0, SAME_SHOWN_MAX).indexOf(item);
    if (at === -1) return [];
    return [{ shown: item, more: at === SAME_SHOWN_MAX - 1 ? same.length - SAME_SHOWN_MAX : 0 }];
  });
}

function renderOne(item: Diagnostic, lineOf: LineReader, paint: Painter): string {
  const head = `${paint(item.severity, `${item.severity}[${item.code}]`)}: ${paint('strong', visibleText(item.message))}`;
  const gutter = String(item.span.start.line).length;
  const margin = ' '.repeat(gutter);
  const lines = [head, `${margin}${paint('frame', '-->')} ${place(item.span)}`];
  const entry: CodeEntry = CODES[item.code];
  const source = entry.hidesSource === true ? undefined : lineOf(item.span.file, item.span.start.line);
  if (source !== undefined) {
    const excerpt = excerptOf(source, item.span);
    lines.push(`${margin} ${paint('frame', '|')}`);
    lines.push(`${paint('frame', `${item.span.start.line} |`)} ${excerpt.text}`.trimEnd());
    lines.push(`${margin} ${paint('frame', '|')} ${' '.repeat(excerpt.indent)}${paint(item.severity, excerpt.caret)}`);
  }
  for (const related of item.related) lines.push(`${margin} ${paint('frame', ':::')} ${relatedLine(related)}`);
  if (item.hint !== undefined) lines.push(`${margin} ${paint('frame', '=')} fix: ${visibleText(item.hint)}`);
  return `${lines.join('\n')}\n`;
}

function place(span: Span): string {
  return `${visibleText(span.file)}:${span.start.line}:${span.start.column}`;
}

function relatedLine(related: Related): string {
  return `${place(related.span)}  ${visibleText(related.message)}`;
}

function excerptOf(line: string, span: Span): { text: string; indent: number; caret: string } {
  const start = Math.min(span.start.column - 1, line.length);
  const cutAt = line.length > LINE_WIDTH_MAX && start > LINE_LEAD ? start - LINE_LEAD : 0;
  const text = line.slice(cutAt, cutAt + LINE_WIDTH_MAX);
  const end = span.end.line === span.start.line ? span.end.column - 1 : line.length;
  const under = Array.from(line.slice(start, Math.min(end, cutAt + LINE_WIDTH_MAX))).length;
  return {
    text: visibleText(text),
    indent: Array.from(line.slice(cutAt, start)).length,
    caret: '^'.repeat(Math.max(1, under)),
  };
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((item) => item.severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')];
  return counts.filter((text) => text !== '').join(', ');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

type LineReader = (file: string, line: number) => string | undefined;

function lineReader(sourceText: (file: string) => string | undefined): LineReader {
  const cache = new Map<string, readonly string[] | undefined>();
  return (file, line) => {
    if (!cache.has(file))
      cache.set(
        file,
        sourceText(file)
          ?.replace(/^\ufeff/, '')
          .split(/\r?\n/),
      );
    return cache.get(file)?.[line - 1];
  };
}

type Painter = (role: Severity | 'strong' | 'frame', text: string) => string;

/** ANSI: red and yellow for the severity, bold for the message, blue for the frame. */
function painter(colour: boolean): Painter {
  if (!colour) return (_role, text) => text;
  const codes = { error: '1;31', warning: '1;33', strong: '1', frame: '34' };
  return (role, text) => `\u001b[${codes[role]}m${text}\u001b[0m`;
}
