import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { UNSEEN } from '../diagnostics/visible-text.ts';
import type { TreeFile } from './tree-file.ts';

/** More than any hand-written file needs, and little enough to parse in a second. */
export const FILE_BYTES_MAX = 1024 * 1024;

export interface SourceText {
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
}

/** A file as text. */
export interface DecodedText {
  readonly source?: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

/** The text of a file. No text where the file cannot be read at all; the diagnostics then say why. */
export function decodeText(file: TreeFile): DecodedText {
  const size = 'bytes' in file ? file.bytes.length : file.text.length;
  if (size > FILE_BYTES_MAX) {
    const message = `the file has ${size} bytes, and ${FILE_BYTES_MAX} is the most that is read`;
    return refused(diagnostic('HG1005', lineSpan(file.path, 1, 1, 1), message, { hint: 'split the file' }));
  }
  const decoded = 'bytes' in file ? decodeUtf8(file.path, file.bytes) : file.text;
  if (typeof decoded !== 'string') return refused(decoded);
  const marked = decoded.startsWith('\ufeff');
  const text = marked ? decoded.slice(1) : decoded;
  const diagnostics = [...unseenCharacters(file.path, text)];
  if (diagnostics.length > 0) return { diagnostics };
  if (marked) {
    const hint = 'save the file as UTF-8 without a byte order mark';
    diagnostics.push(
      diagnostic('HG1003', lineSpan(file.path, 1, 1, 1), 'the file starts with a byte order mark', { hint }),
    );
  }
  return { source: { path: file.path, text }, diagnostics };
}

function refused(item: Diagnostic): { diagnostics: Diagnostic[] } {
  return { diagnostics: [item] };
}

/** Line by line only where the whole fails: a line break is never part of a longer UTF-8 sequence. */
function decodeUtf8(path: string, bytes: Uint8Array): string | Diagnostic {
  const whole = strictUtf8(bytes);
  if (whole !== undefined) return whole;
  let start = 0;
  let line = 1;
  while (true) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end === -1 ? bytes.length : end;
    if (strictUtf8(bytes.subarray(start, stop)) === undefined || end === -1) break;
    start = stop + 1;
    line += 1;
  }
  const hint = 'save the file as UTF-8';
  return diagnostic('HG1002', lineSpan(path, line, 1, 1), 'this line holds bytes that are not UTF-8', { hint });
}

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** One diagnostic a line at most, and a few a file: a binary file has thousands. */
const UNSEEN_SHOWN_MAX = 3;

function* unseenCharacters(path: string, text: string): Generator<Diagnostic> {
  if (text.search(UNSEEN) === -1) return;
  let shown = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const at = line.search(UNSEEN);
    if (at === -1) continue;
    if (shown === UNSEEN_SHOWN_MAX) return;
    shown += 1;
    const point = (line.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const hint = 'delete it; in a text, write it as an escape in double quotes';
    const span = lineSpan(path, index + 1, at + 1, at + 2);
    yield diagnostic('HG1004', span, `the character U+${point} cannot be seen here`, { hint });
  }
}

function lineSpan(file: string, line: number, from: number, to: number): Span {
  return { file, start: { line, column: from }, end: { line, column: to } };
}
