import type { DiagnosticDetail, Span } from './diagnostic.ts';
import { quoted } from './visible-text.ts';

/** What YAML reads as a text without quotes, in a flow collection too, whatever the schema. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z][A-Za-z0-9._/-]*$/i;

/** The hint and the edit that put another word in the place. */
export function replaceWith(span: Span, word: string): Pick<DiagnosticDetail, 'hint' | 'fix'> {
  const replacement = PLAIN.test(word) ? word : JSON.stringify(word);
  return { hint: `replace with ${quoted(word)}`, fix: [{ span, replacement }] };
}
