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

/** A stretch of a file and what is to stand there instead; an empty stretch is where something is put in. */
export interface Edit {
  readonly span: Span;
  readonly replacement: string;
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
  /** The hint as edits of the bytes, where a machine can do it and the meaning is not in doubt. */
  readonly fix?: readonly Edit[];
}

/** What a diagnostic may say beside its message. */
export interface DiagnosticDetail {
  readonly related?: readonly Related[];
  readonly hint?: string | undefined;
  readonly fix?: readonly Edit[] | undefined;
}

/** The only maker of diagnostics: the severity comes from the registry, so a code means the same everywhere. */
export function diagnostic(
  code: Code,
  span: Span,
  message: string,
  { related = [], hint, fix }: DiagnosticDetail = {},
): Diagnostic {
  return {
    ...{ code, severity: CODES[code].severity, message, span, related },
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Whether a tree with these diagnostics is refused: warnings do not stop a commit. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((item) => item.severity === 'error');
}
