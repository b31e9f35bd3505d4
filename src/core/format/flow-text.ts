import { isCollection, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from '../diagnostics/locate.ts';
import { keyText } from '../diagnostics/place.ts';
import { type KeyOrder, orderedPairs } from './key-order.ts';
import { keyAsWritten, scalarText } from './scalar-text.ts';

export interface FlowSource {
  readonly text: string;
  readonly order: KeyOrder;
}

/** The value on one line, `{ a: 1 }` and `[ a, b ]`; undefined where a comment or a block inside forbids it. */
export function flowText(node: unknown, path: Path, source: FlowSource): string | undefined {
  if (isMap(node)) {
    const pairs = orderedPairs(node.items, source.order(path));
    return enclosed(
      '{',
      pairs.map((pair) => pairText(pair, path, source)),
      '}',
    );
  }
  if (isSeq(node)) {
    return enclosed(
      '[',
      node.items.map((item, index) => entryText(item, [...path, index], source)),
      ']',
    );
  }
  if (!isScalar(node)) return undefined;
  const printed = scalarText(node, source.text);
  return printed.kind === 'inline' ? printed.text : undefined;
}

/** Whether a comment stands anywhere inside the brackets. */
export function hasInnerComment(node: Node): boolean {
  return isCollection(node) && node.items.some((item) => parts(item).some((part) => isCommented(part)));
}

function isCommented(part: unknown): boolean {
  if (!isScalar(part) && !isCollection(part)) return false;
  return Boolean(part.comment) || Boolean(part.commentBefore) || hasInnerComment(part);
}

function parts(item: unknown): unknown[] {
  return isPair(item) ? [item.key, item.value] : [item];
}

function pairText(pair: Pair, path: Path, source: FlowSource): string | undefined {
  if (!isScalar(pair.key)) return undefined;
  const value = entryText(pair.value, [...path, keyText(pair.key)], source);
  return value === undefined ? undefined : `${keyAsWritten(pair.key, source.text)}: ${value}`;
}

/** Nothing is written as `null` between brackets. */
function entryText(node: unknown, path: Path, source: FlowSource): string | undefined {
  const text = node === null ? '' : flowText(node, path, source);
  return text === '' ? 'null' : text;
}

function enclosed(open: string, texts: readonly (string | undefined)[], close: string): string | undefined {
  if (texts.length === 0) return `${open}${close}`;
  return texts.includes(undefined) ? undefined : `${open} ${texts.join(', ')} ${close}`;
}
