import { visibleText } from '../diagnostics/visible-text.ts';
import { countsOf, type TestResult } from './test-result.ts';

const WORDS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

/** A line for each test, what went wrong below it, and the counts. */
export function testLines(results: readonly TestResult[]): string[] {
  const lines = results.flatMap(({ outcome, name, place, details }) => [
    `${WORDS[outcome]}  ${placeText(place)}  ${visibleText(name)}`,
    ...details.map((detail) => `      ${visibleText(detail)}`),
  ]);
  const { passed, failed, skipped } = countsOf(results);
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped === 0 ? [] : [`${skipped} skipped`])];
  return [...lines, ...(lines.length === 0 ? [] : ['']), counts.join(', ')];
}

/** A JUnit report: one suite for each file. */
export function testsJunit(results: readonly TestResult[]): string {
  const files = [...new Set(results.map(({ place }) => place.file))].sort();
  const suites = files.flatMap((file) => {
    const own = results.filter(({ place }) => place.file === file);
    return [`  <testsuite name="${escaped(file)}" ${attributes(own)}>`, ...own.map(testCase), '  </testsuite>'];
  });
  const head = `<testsuites name="headgate test" ${attributes(results)}>`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, '</testsuites>', ''].join('\n');
}

function attributes(results: readonly TestResult[]): string {
  const { failed, skipped } = countsOf(results);
  return `tests="${results.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
}

function testCase({ name, place, kind, outcome, details }: TestResult): string {
  const start = `    <testcase classname="${escaped(place.file)}" name="${escaped(name)}"`;
  switch (outcome) {
    case 'passed':
      return `${start}/>`;
    case 'skipped':
      return `${start}><skipped/></testcase>`;
    case 'failed': {
      const text = [placeText(place), ...details].map(escaped).join('\n');
      const message = escaped(details[0] ?? 'failed');
      return `${start}><failure type="${kind}" message="${message}">${text}</failure></testcase>`;
    }
  }
}

function placeText({ file, line, column }: TestResult['place']): string {
  return `${file}:${line}:${column}`;
}

function escaped(text: string): string {
  const visible = visibleText(text);
  return visible.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
