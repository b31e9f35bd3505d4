import {
  Composer,
  CST,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type YAMLParseError,
  type Document as YamlDocument,
} from 'yaml';
import type { Code } from '../diagnostics/codes.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { spanOfOffsets, type YamlSource } from '../diagnostics/locate.ts';
import { placeOf } from '../diagnostics/place.ts';
import type { SourceText } from './decode-text.ts';

/** Our kinds nest eight deep at most; the limit keeps the recursive steps below far from the end of the stack. */
const DEPTH_MAX = 32;

export interface ParsedYaml {
  /** One per document of the file that holds anything, in order. */
  readonly documents: readonly ParsedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParsedDocument {
  readonly source: YamlSource;
  readonly root: Node;
}

/**
 * YAML 1.2 with the core schema, without tags, anchors, aliases, merge keys and directives: what is written is what is
 * meant. A document with a syntax error is still given, so that the name it declares is known.
 */
export function parseYaml(file: SourceText): ParsedYaml {
  const lines = new LineCounter();
  const tokens: CST.Token[] = [];
  const diagnostics = [...readTokens(file, lines, tokens)];
  if (diagnostics.some((item) => item.code === 'HG1012')) return { documents: [], diagnostics };
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true });
  const documents: ParsedDocument[] = [];
  for (const document of composer.compose(tokens, false, file.text.length)) {
    diagnostics.push(...syntaxErrors(file.path, lines, document));
    const root = document.contents;
    if (root === null || isEmpty(root)) continue;
    const source = { file: file.path, text: file.text, root: placeOf(root), lineStarts: lines.lineStarts };
    documents.push({ source, root });
  }
  return { documents, diagnostics };
}

/**
 * Runs the parser token by token: depth is refused before it costs anything, and so is what the language leaves out. An
 * alias is told only in a file without anchors: with one, the anchor is the thing to remove.
 */
function* readTokens(file: SourceText, lines: LineCounter, tokens: CST.Token[]): Generator<Diagnostic> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let scalarNext = false;
  let anchored = false;
  for (const lexeme of new Lexer().lex(file.text)) {
    const start = parser.offset;
    const kind = scalarNext ? 'scalar' : CST.tokenType(lexeme);
    scalarNext = lexeme === CST.SCALAR;
    for (const token of parser.next(lexeme)) tokens.push(token);
    const refusal = refusalOf(kind, lexeme);
    const span = () => spanOfOffsets(file.path, lines.lineStarts, start, start + lexeme.trimEnd().length);
    const told = anchored && kind === 'alias';
    anchored ||= kind === 'anchor';
    if (refusal !== undefined && !told) yield diagnostic(refusal.code, span(), refusal.message, { hint: refusal.hint });
    if (parser.stack.length > DEPTH_MAX) {
      yield diagnostic('HG1012', span(), `nested more than ${DEPTH_MAX} levels deep`);
      return;
    }
  }
  for (const token of parser.end()) tokens.push(token);
}

interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
}

function refusalOf(kind: string | null, lexeme: string): Refusal | undefined {
  if (kind === 'tag') return { code: 'HG1008', message: 'tags are not part of the language', hint: 'remove the tag' };
  if (kind === 'anchor') {
    const hint = 'remove it, and write the value out where it is used';
    return { code: 'HG1009', message: 'anchors are not part of the language', hint };
  }
  if (kind === 'alias') {
    return { code: 'HG1009', message: 'aliases are not part of the language', hint: 'write the value out here' };
  }
  if (kind === 'directive-line') {
    return { code: 'HG1013', message: 'directives are not part of the language', hint: 'remove the line' };
  }
  if (kind === 'scalar' && lexeme === '<<') {
    return { code: 'HG1010', message: 'merge keys are not part of the language', hint: 'write the keys out here' };
  }
  return undefined;
}

/** What the tokens already told is not told again. */
const TOLD_BY_TOKENS: readonly string[] = [
  'BAD_ALIAS',
  'ALIAS_PROPS',
  'TAG_RESOLVE_FAILED',
  'MULTIPLE_ANCHORS',
  'BAD_DIRECTIVE',
];

function* syntaxErrors(file: string, lines: LineCounter, document: YamlDocument.Parsed): Generator<Diagnostic> {
  for (const error of [...document.errors, ...document.warnings] as YAMLParseError[]) {
    if (TOLD_BY_TOKENS.includes(error.code)) continue;
    const span = spanOfOffsets(file, lines.lineStarts, error.pos[0], error.pos[1]);
    if (error.code === 'TAB_AS_INDENT') {
      yield diagnostic('HG1007', span, 'a tab cannot indent', { hint: 'use spaces' });
    } else {
      yield diagnostic('HG1001', span, sentence(error.message));
    }
  }
}

/** The parser's own words, in the form of ours: no capital at the start, no stop at the end, one line. */
function sentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`.replace(/[.:]$/, '');
}

/** A document of comments alone, or of a bare `---`. */
function isEmpty(root: Node): boolean {
  return 'source' in root && root.source === '';
}
