import { byCodeUnit } from '../base/text-order.ts';
import type { Diagnostic } from './diagnostic.ts';

/** By place, then code, then message; what is said twice of one place is kept once. */
export function ordered(diagnostics: Iterable<Diagnostic>): Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  for (const item of diagnostics) {
    const { file, start, end } = item.span;
    unique.set([item.code, file, start.line, start.column, end.line, end.column, item.message].join('\0'), item);
  }
  return [...unique.values()].sort(compare);
}

function compare(left: Diagnostic, right: Diagnostic): number {
  return (
    byCodeUnit(left.span.file, right.span.file) ||
    left.span.start.line - right.span.start.line ||
    left.span.start.column - right.span.start.column ||
    byCodeUnit(left.code, right.code) ||
    byCodeUnit(left.message, right.message)
  );
}
