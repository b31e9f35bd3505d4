import { codeUnitOf } from './finding.ts';

/** A span of one text to be replaced, in code points. */
export interface Redaction {
  readonly ptr: string;
  readonly start: number;
  readonly end: number;
  readonly with: string;
}

/**
 * One redaction for all that overlap, by text and place. Where spans overlap, the replacement of the one that
 * begins first stands for all.
 */
export function mergeRedactions(redactions: readonly Redaction[]): Redaction[] {
  const sorted = redactions.toSorted(
    (left, right) =>
      compare(left.ptr, right.ptr) ||
      left.start - right.start ||
      right.end - left.end ||
      compare(left.with, right.with),
  );
  const merged: Redaction[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.ptr !== next.ptr || next.start >= last.end) merged.push(next);
    else merged[merged.length - 1] = { ...last, end: Math.max(last.end, next.end) };
  }
  return merged;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The text with its redactions applied; they are sorted and do not overlap. */
export function redactText(text: string, redactions: readonly Redaction[]): string {
  let out = '';
  let from = 0;
  for (const { start, end, with: replacement } of redactions) {
    const at = codeUnitOf(text, start);
    out += text.slice(from, at) + replacement;
    from = codeUnitOf(text, end);
  }
  return out + text.slice(from);
}
