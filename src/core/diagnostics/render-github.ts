import { CODES } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { repositoryPath } from './repository-path.ts';
import { visibleText } from './visible-text.ts';

/** Annotations of a GitHub workflow, one a line: they stand beside the lines of the pull request. */
export function renderGithub(diagnostics: readonly Diagnostic[], folder: string): string {
  return diagnostics.map((item) => `${annotation(item, folder)}\n`).join('');
}

function annotation({ code, severity, message, span, related, hint }: Diagnostic, folder: string): string {
  const properties = {
    file: repositoryPath(folder, span.file),
    line: span.start.line,
    endLine: span.end.line,
    col: span.start.column,
    endColumn: span.end.column,
    title: `${code}: ${CODES[code].title}`,
  };
  const places = related.map((other) => {
    const { line, column } = other.span.start;
    return `${repositoryPath(folder, other.span.file)}:${line}:${column} ${visibleText(other.message)}`;
  });
  const lines = [visibleText(message), ...places, ...(hint === undefined ? [] : [`fix: ${visibleText(hint)}`])];
  const fields = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(String(value))}`);
  return `::${severity} ${fields.join(',')}::${escaped(lines.join('\n'))}`;
}

/** The escapes of workflow commands: a message cannot end its line, nor a property its field. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
