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

export function placeText({ file, line, column }: TestResult['place']): string {
  return `${file}:${line}:${column}`;
}
