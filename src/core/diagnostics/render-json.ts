import type { Diagnostic } from './diagnostic.ts';

/** `{"diagnostics": [...], "errors": n, "warnings": n}` with a line break at the end. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((item) => item.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return `${JSON.stringify({ diagnostics, errors, warnings }, null, 2)}\n`;
}
