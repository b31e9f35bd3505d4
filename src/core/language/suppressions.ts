import { CODES, type Code } from '../diagnostics/codes.ts';
import { type Diagnostic, diagnostic, hasErrors, type Span } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { SourceText } from './decode-text.ts';
import { expiryMs } from './expiry.ts';

/** Behind a `#` at the start of a line or after a space; alone on its line it speaks of the next line. */
const COMMENT = /(?<=^|\s)#[ \t]*headgate:allow\b(?<rest>.*)$/;
const FORM = /^[ \t]+(?<code>HG\d{4})[ \t]+until[ \t]+(?<until>\d{4}-\d{2}-\d{2})[ \t]*:[ \t]*(?<reason>\S.*)$/;
const FORM_HINT = 'write `# headgate:allow HG3302 until 2027-06-30: why it is meant`';

/** A comment that lets one warning of one line pass, to the end of a day. */
interface Suppression {
  readonly code: Code;
  readonly endsMs: number;
  readonly until: string;
  readonly span: Span;
  /** What goes when the comment goes: the space before it too, or its whole line. */
  readonly removal: Span;
  /** The line whose warnings it is about. */
  readonly line: number;
}

/**
 * The diagnostics without the warnings that a comment allows, and what is wrong with the comments. Errors cannot be
 * allowed. Without `nowMs` no comment has expired.
 */
export function withoutAllowed(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
  nowMs: number | undefined,
): Diagnostic[] {
  const read = sources.flatMap((source) => [...commentsOf(source)]);
  const malformed = read.filter((item) => 'severity' in item);
  const live: Suppression[] = [];
  const expired: Diagnostic[] = [];
  for (const item of read) {
    if ('severity' in item) continue;
    if (nowMs !== undefined && nowMs >= item.endsMs) expired.push(ended(item));
    else live.push(item);
  }
  const used = new Set<Suppression>();
  const kept = diagnostics.filter((item) => {
    const allowing = live.filter((comment) => allows(comment, item));
    for (const comment of allowing) used.add(comment);
    return allowing.length === 0;
  });
  const said = [...kept, ...malformed, ...expired];
  // Where something is wrong not every check was made: what would be suppressed may still come.
  return hasErrors(said) ? said : [...said, ...live.filter((comment) => !used.has(comment)).map(unused)];
}

function* commentsOf({ path, text }: SourceText): Generator<Suppression | Diagnostic> {
  if (!text.includes('headgate:allow')) return;
  const lines = text.split('\n').map((line) => line.trimEnd());
  for (const [index, line] of lines.entries()) {
    const found = COMMENT.exec(line);
    if (found === null) continue;
    const start = { line: index + 1, column: found.index + 1 };
    const span = { file: path, start, end: { line: index + 1, column: line.length + 1 } };
    const before = line.slice(0, found.index).trimEnd();
    const end = before === '' ? { line: index + 2, column: 1 } : span.end;
    const removal = { file: path, start: { line: index + 1, column: before.length + 1 }, end };
    yield readComment(found.groups?.rest ?? '', { span, removal, line: aboutLine(lines, index) });
  }
}

/** A comment that stands alone is about the first line below that is not such a comment too. */
function aboutLine(lines: readonly string[], index: number): number {
  let about = index;
  while (isAlone(lines[about] ?? '')) about += 1;
  return about + 1;
}

function isAlone(line: string): boolean {
  const found = COMMENT.exec(line);
  return found !== null && line.slice(0, found.index).trim() === '';
}

type CommentPlace = Pick<Suppression, 'span' | 'removal' | 'line'>;

function readComment(rest: string, place: CommentPlace): Suppression | Diagnostic {
  const { span } = place;
  const { code = '', until = '', reason } = FORM.exec(rest)?.groups ?? {};
  const endsMs = expiryMs(until);
  if (reason === undefined || endsMs === undefined) {
    const message = 'a suppression needs a code, the last day on which it holds, and a reason';
    return diagnostic('HG1017', span, message, { hint: FORM_HINT });
  }
  if (!isCode(code)) return diagnostic('HG1017', span, `there is no code ${quoted(code)}`, { hint: FORM_HINT });
  if (CODES[code].severity === 'error') {
    const message = `${code} is an error, and only warnings can be suppressed`;
    return diagnostic('HG1018', span, message, { hint: 'mend what it tells of' });
  }
  return { code, endsMs, until, ...place };
}

function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}

function allows({ code, span, line }: Suppression, item: Diagnostic): boolean {
  return item.code === code && item.span.file === span.file && item.span.start.line === line;
}

function ended({ code, until, span }: Suppression): Diagnostic {
  const message = `the suppression of ${code} ended with ${until}`;
  return diagnostic('HG1019', span, message, { hint: 'mend what it hid, or give it another day and reason' });
}

function unused({ code, span, removal, line }: Suppression): Diagnostic {
  const message = `there is no ${code} on line ${line} to suppress`;
  return diagnostic('HG1020', span, message, { hint: 'remove the comment', fix: [{ span: removal, replacement: '' }] });
}
