import type { Edit, Position } from './diagnostic.ts';

/**
 * The text with the edits made, all against the text as it is given. Of two that overlap the first one is made: what
 * the other would have mended is found again by the next look. Nothing else changes, line ends included.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text);
  const offsets = edits.map(({ span, replacement }) => ({
    start: offsetOf(starts, span.start, text.length),
    end: offsetOf(starts, span.end, text.length),
    replacement,
  }));
  const inOrder = offsets.sort((left, right) => left.start - right.start || left.end - right.end);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, replacement } of inOrder) {
    if (start < at || end < start) continue;
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  return [...parts, text.slice(at)].join('');
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function offsetOf(starts: readonly number[], { line, column }: Position, length: number): number {
  return Math.min((starts[line - 1] ?? length) + column - 1, length);
}
