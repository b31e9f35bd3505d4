import type { Diagnostic } from './diagnostic.ts';
import { UNSEEN } from './visible-text.ts';

const UNSEEN_EVERYWHERE = new RegExp(UNSEEN.source, 'gv');

/** `{"diagnostics": [...], "errors": n, "warnings": n}` with a line break at the end; what cannot be seen is escaped. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((item) => item.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const json = JSON.stringify({ diagnostics, errors, warnings }, null, 2);
  return `${json.replace(UNSEEN_EVERYWHERE, escaped)}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_item, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
