import { isCollection, isMap, isNode, isScalar, type Node, type Pair } from 'yaml';
import { assert } from '../base/assert.ts';
import type { Path } from '../diagnostics/locate.ts';
import { keyText } from '../diagnostics/place.ts';
import { flowText, hasInnerComment } from './flow-text.ts';
import { type KeyOrder, orderedPairs } from './key-order.ts';
import { BLANK, commentLines, hash, type PrintedLine } from './printed-line.ts';
import { keyAsWritten, scalarText } from './scalar-text.ts';

/** An offer with its prices is one line; what is longer reads better as a block. */
const WIDTH_MAX = 140;
const INDENT = 2;

export interface Printing {
  /** The file. */
  readonly text: string;
  readonly order: KeyOrder;
  /** Comments that start in the first column behind everything else: they close the document. */
  readonly tail: PrintedLine[];
}

/** A mapping or list over lines. What stands above its first entry stays there, whichever entry comes first. */
export function printBlock(node: Node, indent: number, path: Path, printing: Printing): PrintedLine[] {
  assert(isCollection(node), 'only collections are printed as blocks');
  const lines = isMap(node)
    ? printPairs(node.items, indent, path, printing)
    : node.items.flatMap((item, index) => printItem(item, index, indent, [...path, index], printing));
  return [...lines, ...closingComments(node, indent, printing)];
}

function printPairs(pairs: readonly Pair[], indent: number, path: Path, printing: Printing): PrintedLine[] {
  const opening = nodeOf(pairs[0]?.key);
  const lines = orderedPairs(pairs, printing.order(path)).flatMap((pair, index) => {
    const key = nodeOf(pair.key);
    const above = key === opening ? [] : commentLines(key?.commentBefore, indent);
    const blank = index > 0 && key?.spaceBefore === true ? [BLANK] : [];
    return [...blank, ...above, ...printPair(pair, indent, path, printing)];
  });
  return [...commentLines(opening?.commentBefore, indent), ...lines];
}

function printPair(pair: Pair, indent: number, path: Path, printing: Printing): PrintedLine[] {
  assert(isScalar(pair.key), 'keys are texts');
  const start = `${' '.repeat(indent)}${keyAsWritten(pair.key, printing.text)}:`;
  const value = nodeOf(pair.value);
  if (value === undefined) return [{ text: start }];
  const below = [...path, keyText(pair.key)];
  const inline = printInline(start, value, indent, below, printing);
  if (inline !== undefined) return [...commentLines(value.commentBefore, indent), ...inline];
  const { beside, own } = commentsAfterKey(pair.key, value, printing.text);
  return [
    { text: start, ...(beside === undefined ? {} : { comment: hash(beside) }) },
    ...commentLines(own, indent + INDENT),
    ...printBlock(value, indent + INDENT, below, printing),
  ];
}

/** Of the comments between a key and its block: the one on the line of the key, and those below. */
function commentsAfterKey(key: Node, value: Node, text: string): { beside?: string; own: string | undefined } {
  const comment = value.commentBefore ?? undefined;
  const between = text.slice(key.range?.[1], value.range?.[0]).split('\n')[0] ?? '';
  if (comment === undefined || !between.includes('#')) return { own: comment };
  const [beside = '', ...rest] = comment.split('\n');
  return { beside, own: rest.length === 0 ? undefined : rest.join('\n') };
}

function printItem(item: unknown, index: number, indent: number, path: Path, printing: Printing): PrintedLine[] {
  const pad = ' '.repeat(indent);
  const node = nodeOf(item);
  if (node === undefined) return [{ text: `${pad}-` }];
  const blank = index > 0 && (node.spaceBefore === true || firstKey(node)?.spaceBefore === true) ? [BLANK] : [];
  const above = [...blank, ...commentLines(node.commentBefore, indent)];
  const inline = printInline(`${pad}-`, node, indent, path, printing);
  if (inline !== undefined) return [...above, ...inline];
  const lines = printBlock(node, indent + INDENT, path, printing);
  const first = lines.findIndex((line) => line !== BLANK && !line.text.trimStart().startsWith('#'));
  const opened = lines.map((line, at) =>
    at === first ? { ...line, text: `${pad}- ${line.text.slice(indent + INDENT)}` } : line,
  );
  // A comment above the first key stands above the dash.
  const lifted = opened
    .slice(0, first)
    .map(({ text }) => (text === '' ? BLANK : { text: `${pad}${text.trimStart()}` }));
  return [...above, ...lifted, ...opened.slice(first)];
}

/** The value behind `start` on its line, or undefined where it must be a block of its own. */
export function printInline(
  start: string,
  value: Node,
  indent: number,
  path: Path,
  printing: Printing,
): PrintedLine[] | undefined {
  const printed = isScalar(value) ? scalarText(value, printing.text) : undefined;
  if (printed?.kind === 'block') return printBlockScalar(start, value, indent, printed);
  const text = inlineText(value, path, printing);
  if (text === undefined) return undefined;
  const line = [start, text].filter((part) => part !== '').join(' ');
  const full = isCollection(value) && value.items.length > 0 && line.length > WIDTH_MAX;
  if (full) return undefined;
  const comments = value.comment?.split('\n') ?? [];
  const beside = isBeside(value, printing.text) ? comments.shift() : undefined;
  const below = comments.length === 0 ? [] : commentLines(comments.join('\n'), indent);
  return [{ text: line, ...(beside === undefined ? {} : { comment: hash(beside) }) }, ...below];
}

/** Whether the first comment behind the value stands on its line. */
function isBeside(value: Node, text: string): boolean {
  const end = value.range?.[1] ?? 0;
  const lineEnd = text.indexOf('\n', end);
  return /^[\s,]*#/.test(text.slice(end, lineEnd === -1 ? undefined : lineEnd));
}

function inlineText(value: Node, path: Path, printing: Printing): string | undefined {
  if (isCollection(value) && value.items.length > 0 && (value.flow !== true || hasInnerComment(value)))
    return undefined;
  return flowText(value, path, printing);
}

function printBlockScalar(
  start: string,
  value: Node,
  indent: number,
  block: { readonly header: string; readonly lines: readonly string[]; readonly spaceAfter: boolean },
): PrintedLine[] {
  const pad = ' '.repeat(indent + INDENT);
  const head = [start, block.header].filter((part) => part !== '').join(' ');
  return [
    { text: head, ...(value.comment ? { comment: hash(value.comment) } : {}) },
    ...block.lines.map((line) => ({ text: line === '' ? '' : `${pad}${line}` })),
    ...(block.spaceAfter ? [BLANK] : []),
  ];
}

/** Comments behind the last entry. One in the first column of the file closes the document instead. */
function closingComments(node: Node, indent: number, printing: Printing): PrintedLine[] {
  if (!node.comment) return [];
  const after = printing.text.slice(node.range?.[1], node.range?.[2]);
  const lines = node.comment.split('\n');
  const outer = indent === 0 ? -1 : lines.findIndex((line) => line !== '' && `\n${after}`.includes(`\n#${line}`));
  const own = outer === -1 ? lines : lines.slice(0, outer);
  if (outer !== -1) printing.tail.push(...commentLines(lines.slice(outer).join('\n'), 0));
  return own.length === 0 ? [] : commentLines(own.join('\n'), indent);
}

function firstKey(node: Node): Node | undefined {
  return isMap(node) ? nodeOf(node.items[0]?.key) : undefined;
}

function nodeOf(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
