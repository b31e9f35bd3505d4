import { CST, Lexer, parseAllDocuments } from 'yaml';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { byCodeUnit } from '../base/text-order.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../language/decode-text.ts';
import { parseYaml } from '../language/parse-yaml.ts';
import { plainValue } from '../language/plain-value.ts';
import { printDocument } from './print-document.ts';
import { commentLines, joinLines } from './printed-line.ts';

export type FormattedYaml =
  | { readonly kind: 'formatted'; readonly text: string }
  /** It is not YAML of the language; the diagnostics say why. */
  | { readonly kind: 'unreadable'; readonly diagnostics: readonly Diagnostic[] }
  /** It is written in a way that cannot be printed anew without a change of what it says: it stays as it is. */
  | { readonly kind: 'kept' };

/**
 * The file in the one form: keys in the order of the kind's schema, two spaces, comments kept, `{ a: 1 }` on one line
 * where it was so and fits. Formatting twice changes nothing more. No value and no comment is ever lost: what was
 * printed is read again and compared.
 */
export function formatYaml(file: SourceText): FormattedYaml {
  const source = { path: file.path, text: file.text.replaceAll('\r\n', '\n') };
  const parsed = parseYaml(source);
  const diagnostics = [
    ...parsed.diagnostics,
    ...parsed.documents.flatMap((document) => plainValue(document).diagnostics),
  ];
  if (hasErrors(diagnostics)) return { kind: 'unreadable', diagnostics };
  const text = settled(source.text);
  // Most files are in the form already: then there is nothing to compare.
  const isSame = text === source.text || (text !== undefined && saysTheSame(source, { path: file.path, text }));
  if (text === undefined || !isSame) return { kind: 'kept' };
  return { kind: 'formatted', text };
}

/** Printing moves a few comments to where the next reading finds them elsewhere; all have settled after this often. */
const PASSES_MAX = 6;

/** The text that printing leaves as it is, from this one on. */
function settled(text: string): string | undefined {
  let current = text;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const next = printed(current);
    if (next === current) return current;
    current = next;
  }
  return undefined;
}

function printed(text: string): string {
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: false });
  if ('empty' in documents) return joinLines(commentLines(documents.comment, 0));
  return documents.map((document) => joinLines(printDocument(document, text))).join('---\n');
}

function saysTheSame(before: SourceText, after: SourceText): boolean {
  return meaning(before) === meaning(after);
}

function meaning(file: SourceText): string {
  const values = parseYaml(file).documents.map((document) => plainValue(document).value as Json);
  const comments = [...new Lexer().lex(file.text)].filter((lexeme) => CST.tokenType(lexeme) === 'comment');
  return canonicalJson([values, comments.map((comment) => comment.trimEnd()).toSorted(byCodeUnit)]);
}
