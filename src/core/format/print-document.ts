import { type Document, isCollection, isScalar, type Node } from 'yaml';
import { keyOrderOf } from './key-order.ts';
import { type Printing, printBlock, printInline } from './print-block.ts';
import { BLANK, commentLines, type PrintedLine } from './printed-line.ts';

/** One document of a file as lines, without the `---` around it. `text` is the file. */
export function printDocument(document: Document.Parsed, text: string): PrintedLine[] {
  const root: Node | null = document.contents;
  const printing: Printing = { text, order: keyOrderOf(root), tail: [] };
  const above = commentLines(document.commentBefore, 0);
  const content = root === null ? [] : [...commentLines(root.commentBefore, 0), ...printRoot(root, printing)];
  const below = [...printing.tail, ...closing(document, text)];
  if (content.length === 0) return [...above, ...below];
  return [...above, ...(above.length > 0 ? [BLANK] : []), ...content, ...below];
}

function printRoot(root: Node, printing: Printing): PrintedLine[] {
  if (isCollection(root) && root.items.length > 0) return printBlock(root, 0, [], printing);
  if (isScalar(root) && root.source === '') return commentLines(root.comment, 0);
  return printInline('', root, 0, [], printing) ?? [];
}

/** Comments behind the content, with the blank line that parts them where there is one. */
function closing(document: Document.Parsed, text: string): PrintedLine[] {
  const lines = commentLines(document.comment, 0);
  const first = lines.find((line) => line !== BLANK);
  if (first === undefined) return [];
  const before = text.slice(0, text.indexOf(`\n${first.text}`) + 1);
  return /\n[ \t]*\n$/.test(before) ? [BLANK, ...lines] : lines;
}
