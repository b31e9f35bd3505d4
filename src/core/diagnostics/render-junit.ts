import { CODES } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { repositoryPath } from './repository-path.ts';
import { visibleText } from './visible-text.ts';

/**
 * A JUnit report with one case for each diagnostic: an error is a failure, a warning passes and says so. A tree without
 * any is one case that passes, since no report would look like no run.
 */
export function renderJunit(diagnostics: readonly Diagnostic[], folder: string): string {
  const failures = diagnostics.filter((item) => item.severity === 'error').length;
  const cases =
    diagnostics.length === 0
      ? ['    <testcase classname="headgate" name="no diagnostics"/>']
      : diagnostics.map((item) => testCase(item, folder));
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="headgate validate" ${counts}>`,
    `  <testsuite name="headgate validate" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ code, severity, message, span, hint }: Diagnostic, folder: string): string {
  const path = repositoryPath(folder, span.file);
  const place = `${path}:${span.start.line}:${span.start.column}`;
  const name = attribute(`${code} ${CODES[code].title} at ${span.start.line}:${span.start.column}`);
  const text = [place, visibleText(message), ...(hint === undefined ? [] : [`fix: ${visibleText(hint)}`])].join('\n');
  const said =
    severity === 'error'
      ? `<failure type="${code}" message="${attribute(visibleText(message))}">${attribute(text)}</failure>`
      : `<system-out>${attribute(text)}</system-out>`;
  return `    <testcase classname="${attribute(path)}" name="${name}">${said}</testcase>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
