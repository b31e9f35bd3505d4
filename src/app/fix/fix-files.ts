import { applyEdits } from '../../core/diagnostics/apply-edits.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { SourceFile } from '../../io/git/source-file.ts';

/** A file before and after, as text without its byte order mark. */
export interface FixedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** What to write. */
  readonly bytes: Uint8Array;
}

const MARK = '\ufeff';

/** The files with the edits of the diagnostics made; only those that change. Every other byte stays as it is. */
export function fixFiles(files: readonly SourceFile[], diagnostics: readonly Diagnostic[]): FixedFile[] {
  const edits = diagnostics.flatMap((item) => item.fix ?? []);
  return files.flatMap(({ path, bytes }) => {
    const own = edits.filter((edit) => edit.span.file === path);
    if (own.length === 0) return [];
    const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const mark = whole.startsWith(MARK) ? MARK : '';
    const before = whole.slice(mark.length);
    const after = applyEdits(before, own);
    return after === before ? [] : [{ path, before, after, bytes: new TextEncoder().encode(mark + after) }];
  });
}
