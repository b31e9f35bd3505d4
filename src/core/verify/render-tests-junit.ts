import { visibleText } from '../diagnostics/visible-text.ts';
import { percentOf, type Share } from './render-shares.ts';
import { placeText } from './render-tests.ts';
import { countsOf, type TestResult } from './test-result.ts';

/** A share of a tree that was asked for beside its tests, and the least that it may be. */
export interface JunitShare {
  /** `coverage`, or `mutants`: a suite and the start of two properties are called so. */
  readonly name: 'coverage' | 'mutants';
  readonly share: Share;
  /** In per cent. */
  readonly threshold: number;
}

/**
 * A JUnit report: one suite for each file, and one for each share, whose percentage and counts are properties. A share
 * below its threshold is a case that fails and lists what is missing.
 */
export function testsJunit(results: readonly TestResult[], shares: readonly JunitShare[]): string {
  const files = [...new Set(results.map(({ place }) => place.file))].sort();
  const suites = files.map((file) => {
    const own = results.filter(({ place }) => place.file === file);
    return { ...countsOf(own), name: file, lines: own.map(testCase) };
  });
  const all = [...suites, ...shares.map(shareSuite)];
  const total = all.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="headgate test" ${attributes(total)}>`,
    ...all.flatMap((suite) => [
      `  <testsuite name="${escaped(suite.name)}" ${attributes(suite)}>`,
      ...suite.lines,
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

type Counts = ReturnType<typeof countsOf>;

function attributes({ passed, failed, skipped }: Counts): string {
  return `tests="${passed + failed + skipped}" failures="${failed}" errors="0" skipped="${skipped}"`;
}

function testCase({ name, place, kind, outcome, details }: TestResult): string {
  const start = `    <testcase classname="${escaped(place.file)}" name="${escaped(name)}"`;
  switch (outcome) {
    case 'passed':
      return `${start}/>`;
    case 'skipped':
      return `${start}><skipped/></testcase>`;
    case 'failed':
      return `${start}>${failure(kind, details[0] ?? 'failed', [placeText(place), ...details])}</testcase>`;
  }
}

function shareSuite({ name, share, threshold }: JunitShare): Counts & { name: string; lines: string[] } {
  const percent = percentOf(share);
  const isEnough = percent >= threshold;
  const properties = Object.entries({ percent: percent.toFixed(1), done: share.done, total: share.total });
  const missing = share.missing.map(({ what, place }) => `${placeText(place)} ${what}`);
  const message = `${percent.toFixed(1)} % is less than ${threshold} %`;
  const said = isEnough ? output(missing) : failure(name, message, missing);
  return {
    ...{ name, passed: isEnough ? 1 : 0, failed: isEnough ? 0 : 1, skipped: 0 },
    lines: [
      '    <properties>',
      ...properties.map(([key, value]) => `      <property name="${name}.${key}" value="${value}"/>`),
      '    </properties>',
      `    <testcase classname="${name}" name="at least ${threshold} %">${said}</testcase>`,
    ],
  };
}

function output(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<system-out>${lines.map(escaped).join('\n')}</system-out>`;
}

function failure(type: string, message: string, lines: readonly string[]): string {
  return `<failure type="${type}" message="${escaped(message)}">${lines.map(escaped).join('\n')}</failure>`;
}

function escaped(text: string): string {
  const visible = visibleText(text);
  return visible.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
