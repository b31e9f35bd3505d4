import { digestOfText } from '../base/digest.ts';
import { CODES, type Code } from './codes.ts';
import type { Diagnostic, Edit, Span } from './diagnostic.ts';
import { repositoryPath } from './repository-path.ts';
import { visibleText } from './visible-text.ts';

/** SARIF 2.1.0 (OASIS), one run. Fixes and related places are kept; columns count UTF-16 units, as ours do. */
export function renderSarif(diagnostics: readonly Diagnostic[], version: string, folder: string): string {
  const codes = [...new Set(diagnostics.map((item) => item.code))].sort();
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'headgate', semanticVersion: version, rules: codes.map(rule) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((item) => result(item, codes, folder)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(code: Code): object {
  const { title, severity } = CODES[code];
  return {
    id: code,
    shortDescription: { text: title },
    help: { text: `headgate explain-code ${code}` },
    defaultConfiguration: { level: severity },
  };
}

function result(item: Diagnostic, codes: readonly Code[], folder: string): object {
  const { code, severity, message, span, related, hint, fix } = item;
  const text = hint === undefined ? visibleText(message) : `${visibleText(message)}. Fix: ${visibleText(hint)}`;
  const path = repositoryPath(folder, span.file);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text },
    locations: [location(span, folder)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other) => ({
            ...location(other.span, folder),
            message: { text: visibleText(other.message) },
          })),
        }),
    ...(fix === undefined ? {} : { fixes: [sarifFix(fix, hint ?? CODES[code].title, folder)] }),
    partialFingerprints: { 'headgate/v1': digestOfText(`${code}\0${path}\0${message}`).slice('sha256:'.length) },
  };
}

function location(span: Span, folder: string): object {
  return { physicalLocation: { artifactLocation: artifact(span.file, folder), region: region(span) } };
}

function sarifFix(edits: readonly Edit[], hint: string, folder: string): object {
  const files = [...new Set(edits.map((edit) => edit.span.file))];
  return {
    description: { text: visibleText(hint) },
    artifactChanges: files.map((file) => ({
      artifactLocation: artifact(file, folder),
      replacements: edits
        .filter((edit) => edit.span.file === file)
        .map((edit) => ({ deletedRegion: region(edit.span), insertedContent: { text: edit.replacement } })),
    })),
  };
}

/** A reference by URI: a path with what a URI may not hold escaped. */
function artifact(file: string, folder: string): object {
  const path = repositoryPath(folder, file).split('/').map(encodeURIComponent).join('/');
  return { uri: path, uriBaseId: '%SRCROOT%' };
}

function region({ start, end }: Span): object {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}
