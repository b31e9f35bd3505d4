import { perObjects } from '../base/remember.ts';
import { type Diagnostic, diagnostic, type Position, type Span } from '../diagnostics/diagnostic.ts';
import type { SourceText } from './decode-text.ts';

/** A stretch of a text that has the form of a credential; offsets in UTF-16 units, `end` not included. */
export interface CredentialMatch {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** Finds credentials in a text, in any order. */
export type CredentialScan = (text: string) => readonly CredentialMatch[];

/** How much of a credential tells that a message quotes it: messages cut long words. */
const QUOTE_CHARS = 12;

/** A credential in a file; `opening` is how it begins. */
export interface Credential {
  readonly rule: string;
  readonly span: Span;
  readonly opening: string;
}

/**
 * The diagnostics, and one for each credential in the files. It names the form alone, and its line is never shown. What
 * else is wrong on the lines of a credential, or quotes one, waits until it is gone.
 */
export function withCredentials(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
  scan: CredentialScan,
): Diagnostic[] {
  const credentials = sources.flatMap((source) => credentialsIn(source, scan));
  const shown = diagnostics.filter((item) => !credentials.some((credential) => reveals(item, credential)));
  return [...shown, ...credentials.map(credentialFound)];
}

/** The credentials in a text, which is searched once. */
export const credentialsIn = perObjects((source: SourceText, scan: CredentialScan): readonly Credential[] =>
  withoutOverlaps(scan(source.text)).map(({ rule, start, end }) => ({
    rule,
    span: { file: source.path, start: positionAt(source.text, start), end: positionAt(source.text, end) },
    opening: source.text.slice(start, Math.min(end, start + QUOTE_CHARS)),
  })),
);

/** What several rules take for a credential is one: the first that names it stays. */
function withoutOverlaps(matches: readonly CredentialMatch[]): CredentialMatch[] {
  const kept: CredentialMatch[] = [];
  for (const match of matches) {
    if (kept.every((other) => match.end <= other.start || other.end <= match.start)) kept.push(match);
  }
  return kept;
}

function credentialFound({ rule, span }: Credential): Diagnostic {
  const hint = 'revoke it, since the history keeps it; put it into the boot settings; in a test write {{sample NAME}}';
  return diagnostic('HG3218', span, `this has the form of a credential (${rule})`, { hint });
}

function reveals({ span, message, hint = '', related }: Diagnostic, credential: Credential): boolean {
  const { file, start, end } = credential.span;
  const shows = file === span.file && start.line <= span.end.line && span.start.line <= end.line;
  return (
    shows || [message, hint, ...related.map((item) => item.message)].some((text) => text.includes(credential.opening))
  );
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
