import { CODES, type Code, type Severity } from './codes.ts';

/** A place in a text, both counted from 1; columns are UTF-16 units, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From `start` up to and without `end`. The file is a path below the root of the tree. */
export interface Span {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** Another place that the reader must see to understand the first one. */
export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** A user's mistake: collected and shown, never thrown. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  /** One concrete fix, as an order to the reader: `replace with "chat-small"`. */
  readonly hint?: string;
}

/** The only maker of diagnostics: the severity comes from the registry, so a code means the same everywhere. */
export function diagnostic(
  code: Code,
  span: Span,
  message: string,
  more: { readonly related?: readonly Related[]; readonly hint?: string | undefined } = {},
): Diagnostic {
  const made = { code, severity: CODES[code].severity, message, span, related: more.related ?? [] };
  return more.hint === undefined ? made : { ...made, hint: more.hint };
}

/** Whether a tree with these diagnostics is refused: warnings do not stop a commit. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((item) => item.severity === 'error');
}
