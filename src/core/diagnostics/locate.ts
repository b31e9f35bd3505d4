import { isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Pair, type Range } from 'yaml';
import type { Position, Span } from './diagnostic.ts';

/** One YAML document with what is needed to find the place of anything in it. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  readonly root: Node;
  readonly lines: LineCounter;
}

/** The way from the root of a document to a value: keys of mappings and indexes of lists, as zod gives it. */
export type Path = readonly PropertyKey[];

/**
 * The place of the value at the path, or of its key. A block mapping or list is shown at its key, or at its first line
 * where it has none. Where the path leads to nothing, the last thing on it that exists is shown: a missing key at the
 * mapping that lacks it. A span ends on the line where it starts.
 */
export function locate(source: YamlSource, path: Path, at: 'value' | 'key' = 'value'): Span {
  let node: unknown = source.root;
  let key: unknown;
  for (const step of path) {
    const found = child(node, step);
    if (found === undefined) return spanOfNode(source, key ?? node);
    key = found.key;
    node = found.value;
  }
  if (at === 'key' && key !== undefined) return spanOfNode(source, key);
  const wide = (isMap(node) || isSeq(node)) && node.flow !== true;
  return spanOfNode(source, wide || !isNode(node) ? (key ?? node) : node);
}

/** The place of a stretch of the text between two offsets. */
export function spanOfOffsets(file: string, lines: LineCounter, start: number, end: number): Span {
  const from = position(lines, start);
  const to = position(lines, Math.max(start, end));
  if (to.line === from.line) return { file, start: from, end: to };
  const lineEnd = (lines.lineStarts[from.line] ?? start + 1) - 1;
  return { file, start: from, end: { line: from.line, column: from.column + Math.max(0, lineEnd - start) } };
}

/** The text of the file that the span covers. */
export function writtenAt(source: YamlSource, span: Span): string {
  const lineStart = source.lines.lineStarts[span.start.line - 1] ?? 0;
  return source.text.slice(lineStart + span.start.column - 1, lineStart + span.end.column - 1);
}

function child(node: unknown, step: PropertyKey): { key?: unknown; value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item: Pair) => isScalar(item.key) && keyText(item.key) === String(step));
    return pair === undefined ? undefined : { key: pair.key, value: pair.value };
  }
  if (isSeq(node) && typeof step === 'number' && step < node.items.length) return { value: node.items[step] };
  return undefined;
}

/** The text of a scalar key as it was written: `1.10` stays `1.10`. */
export function keyText(key: { readonly value: unknown; readonly source?: string }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function spanOfNode(source: YamlSource, node: unknown): Span {
  const range: Range | null | undefined = isNode(node) ? node.range : undefined;
  const start = range?.[0] ?? 0;
  return spanOfOffsets(source.file, source.lines, start, range?.[1] ?? start);
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
