import { describe, expect, test } from 'vitest';
import { type Diagnostic, diagnostic, type Span } from './diagnostic.ts';
import { replaceWith } from './replace-with.ts';
import { MACHINE_FORMATS, renderReport } from './report-format.ts';

function span(file: string, line: number, from: number, to: number): Span {
  return { file, start: { line, column: from }, end: { line, column: to } };
}

const at = span('routes/eu, us.yaml', 10, 8, 12);
const unknown = diagnostic('HG3107', at, 'unknown model "100% <mini>"', {
  related: [{ message: 'a close match, "mini-2", is defined here', span: span('models/a.yaml', 12, 5, 9) }],
  ...replaceWith(at, 'mini-2'),
});
const dead = diagnostic('HG3302', span('routes/a.yaml', 1, 1, 2), 'the route "a" never wins');
const context = { version: '1.2.3', folder: 'config' };

function rendered(format: (typeof MACHINE_FORMATS)[number], items: readonly Diagnostic[] = [unknown, dead]): string {
  return renderReport(format, items, context);
}

test('github: one command a line, with nothing in it that could end it', () => {
  expect(rendered('github').split('\n')).toEqual([
    '::error file=config/routes/eu%2C us.yaml,line=10,endLine=10,col=8,endColumn=12,title=HG3107%3A unknown model' +
      '::unknown model "100%25 <mini>"%0Aconfig/models/a.yaml:12:5 a close match, "mini-2", is defined here' +
      '%0Afix: replace with "mini-2"',
    '::warning file=config/routes/a.yaml,line=1,endLine=1,col=1,endColumn=2,title=HG3302%3A route that never wins' +
      '::the route "a" never wins',
    '',
  ]);
});

describe('gitlab', () => {
  test('a list of findings', () => {
    const fingerprint: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(JSON.parse(rendered('gitlab'))).toEqual([
      {
        description: 'unknown model "100% <mini>" (fix: replace with "mini-2")',
        check_name: 'HG3107',
        fingerprint,
        severity: 'major',
        location: { path: 'config/routes/eu, us.yaml', lines: { begin: 10, end: 10 } },
      },
      {
        description: 'the route "a" never wins',
        check_name: 'HG3302',
        fingerprint,
        severity: 'minor',
        location: { path: 'config/routes/a.yaml', lines: { begin: 1, end: 1 } },
      },
    ]);
  });

  test('a finding that moved keeps its fingerprint, and two of a kind have two', () => {
    const moved = { ...dead, span: span('routes/a.yaml', 7, 1, 2) };
    const prints = (items: readonly Diagnostic[]): string[] =>
      (JSON.parse(rendered('gitlab', items)) as { fingerprint: string }[]).map((item) => item.fingerprint);
    expect(prints([moved])).toEqual(prints([dead]));
    expect(new Set(prints([dead, moved])).size).toBe(2);
  });
});

test('junit: errors fail, warnings pass', () => {
  expect(rendered('junit').split('\n')).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="headgate validate" tests="2" failures="1" errors="0" skipped="0">',
    '  <testsuite name="headgate validate" tests="2" failures="1" errors="0" skipped="0">',
    '    <testcase classname="config/routes/eu, us.yaml" name="HG3107 unknown model at 10:8">' +
      '<failure type="HG3107" message="unknown model &quot;100% &lt;mini&gt;&quot;">' +
      'config/routes/eu, us.yaml:10:8',
    'unknown model &quot;100% &lt;mini&gt;&quot;',
    'fix: replace with &quot;mini-2&quot;</failure></testcase>',
    '    <testcase classname="config/routes/a.yaml" name="HG3302 route that never wins at 1:1">' +
      '<system-out>config/routes/a.yaml:1:1',
    'the route &quot;a&quot; never wins</system-out></testcase>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ]);
});

test('sarif: rules, places, related places and fixes', () => {
  const file = (uri: string) => ({ uri, uriBaseId: '%SRCROOT%' });
  const place = (uri: string, startLine: number, startColumn: number, endColumn: number) => ({
    physicalLocation: {
      artifactLocation: file(uri),
      region: { startLine, startColumn, endLine: startLine, endColumn },
    },
  });
  const rule = (id: string, text: string, level: string) => ({
    id,
    shortDescription: { text },
    help: { text: `headgate explain-code ${id}` },
    defaultConfiguration: { level },
  });
  const print: unknown = { 'headgate/v1': expect.stringMatching(/^[0-9a-f]{64}$/) };
  const routes = 'config/routes/eu%2C%20us.yaml';
  const edit = {
    deletedRegion: { startLine: 10, startColumn: 8, endLine: 10, endColumn: 12 },
    insertedContent: { text: 'mini-2' },
  };
  const first = {
    ruleId: 'HG3107',
    ruleIndex: 0,
    level: 'error',
    message: { text: 'unknown model "100% <mini>". Fix: replace with "mini-2"' },
    locations: [place(routes, 10, 8, 12)],
    relatedLocations: [
      { ...place('config/models/a.yaml', 12, 5, 9), message: { text: 'a close match, "mini-2", is defined here' } },
    ],
    fixes: [
      {
        description: { text: 'replace with "mini-2"' },
        artifactChanges: [{ artifactLocation: file(routes), replacements: [edit] }],
      },
    ],
    partialFingerprints: print,
  };
  const second = {
    ruleId: 'HG3302',
    ruleIndex: 1,
    level: 'warning',
    message: { text: 'the route "a" never wins' },
    locations: [place('config/routes/a.yaml', 1, 1, 2)],
    partialFingerprints: print,
  };
  const rules = [rule('HG3107', 'unknown model', 'error'), rule('HG3302', 'route that never wins', 'warning')];
  expect(JSON.parse(rendered('sarif'))).toEqual({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'headgate', semanticVersion: '1.2.3', rules } },
        columnKind: 'utf16CodeUnits',
        results: [first, second],
      },
    ],
  });
});

test.each(MACHINE_FORMATS)('%s: no control character of a file reaches the report', (format) => {
  const hostile = diagnostic('HG2002', span('a\u001b[2J.yaml', 1, 1, 3), 'unknown key "\u001b]0;x\u0007"', {
    hint: 'remove \u202e it',
  });
  const report = renderReport(format, [hostile], { version: '1', folder: '' });
  expect([...'\u001b\u0007\u202e'].filter((character) => report.includes(character))).toEqual([]);
});
