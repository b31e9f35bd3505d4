import type { Position, Span } from './diagnostic.ts';
import type { Extent, Place } from './place.ts';

/** One YAML document with what is needed to find the place of anything in it. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  readonly root: Place;
  /** The offset at which each line begins. */
  readonly lineStarts: readonly number[];
}

/** The way from the root of a document to a value: keys of mappings and indexes of lists, as zod gives it. */
export type Path = readonly PropertyKey[];

const START: Extent = [0, 0];

/**
 * The place of the value at the path, or of its key. A block mapping or list is shown at its key, or at its first line
 * where it has none. Where the path leads to nothing, the last thing on it that exists is shown: a missing key at the
 * mapping that lacks it. A span ends on the line where it starts.
 */
export function locate(source: YamlSource, path: Path, at: 'value' | 'key' = 'value'): Span {
  let place: Place | undefined = source.root;
  let keyAt: Extent | undefined;
  for (const step of path) {
    const found = child(place, step);
    if (found === undefined) return spanOf(source, keyAt ?? place?.at);
    keyAt = found.keyAt;
    place = found.value;
  }
  if (at === 'key' && keyAt !== undefined) return spanOf(source, keyAt);
  return spanOf(source, place === undefined || place.isBlock === true ? (keyAt ?? place?.at) : place.at);
}

/** The place of a stretch of the text between two offsets. */
export function spanOfOffsets(file: string, lineStarts: readonly number[], start: number, end: number): Span {
  const from = position(lineStarts, start);
  const to = position(lineStarts, Math.max(start, end));
  if (to.line === from.line) return { file, start: from, end: to };
  const lineEnd = (lineStarts[from.line] ?? start + 1) - 1;
  return { file, start: from, end: { line: from.line, column: from.column + Math.max(0, lineEnd - start) } };
}

/** The text of the file that the span covers. */
export function writtenAt(source: YamlSource, span: Span): string {
  const lineStart = source.lineStarts[span.start.line - 1] ?? 0;
  return source.text.slice(lineStart + span.start.column - 1, lineStart + span.end.column - 1);
}

function child(
  place: Place | undefined,
  step: PropertyKey,
): { readonly keyAt?: Extent; readonly value?: Place | undefined } | undefined {
  if (place?.members !== undefined) {
    const key = String(step);
    return place.members.find((member) => member.key === key);
  }
  if (place?.items === undefined || typeof step !== 'number' || step >= place.items.length) return undefined;
  return { value: place.items[step] ?? undefined };
}

function spanOf({ file, lineStarts }: YamlSource, [start, end]: Extent = START): Span {
  return spanOfOffsets(file, lineStarts, start, end);
}

/** The last line that begins at the offset or before it. */
function position(lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
