import { describe, expect, test } from 'vitest';
import { compareVersions, isInRange, parseSemverRange, parseVersion } from './semver-range.ts';

/** The versions of a list that a range means, in the order of the list. */
function meant(range: string, versions: readonly string[]): string[] {
  const parsed = parseSemverRange(range) ?? [];
  return versions.filter((text) => {
    const version = parseVersion(text);
    return version !== undefined && isInRange(version, parsed);
  });
}

const VERSIONS = [
  '0.0.3',
  '0.0.4',
  '0.1.0',
  '0.2.9',
  '1.0.0-rc.1',
  '1.0.0',
  '1.2.0',
  'v1.2.3',
  '1.3.0-a',
  '1.3.0',
  '2.0.0-a',
  '2.0.0',
];

test.each<[string, string[]]>([
  ['*', ['0.0.3', '0.0.4', '0.1.0', '0.2.9', '1.0.0', '1.2.0', 'v1.2.3', '1.3.0', '2.0.0']],
  ['1.x', ['1.0.0', '1.2.0', 'v1.2.3', '1.3.0']],
  ['1', ['1.0.0', '1.2.0', 'v1.2.3', '1.3.0']],
  ['1.2', ['1.2.0', 'v1.2.3']],
  ['v1.2.3', ['v1.2.3']],
  ['^1.2', ['1.2.0', 'v1.2.3', '1.3.0']],
  ['^0.1', ['0.1.0']],
  ['^0.0.3', ['0.0.3']],
  ['^0', ['0.0.3', '0.0.4', '0.1.0', '0.2.9']],
  ['~1.2.1', ['v1.2.3']],
  ['~1', ['1.0.0', '1.2.0', 'v1.2.3', '1.3.0']],
  ['>=1.2.0 <1.3.0', ['1.2.0', 'v1.2.3']],
  ['>= 1.2.0, < 1.3.0', ['1.2.0', 'v1.2.3']],
  ['>1.2', ['1.3.0', '2.0.0']],
  ['<=1.2', ['0.0.3', '0.0.4', '0.1.0', '0.2.9', '1.0.0', '1.2.0', 'v1.2.3']],
  ['1.2.0 - 1.3.0', ['1.2.0', 'v1.2.3', '1.3.0']],
  ['0.0.3 || >=2', ['0.0.3', '2.0.0']],
  ['>=1.0.0-0 <2.0.0-0', ['1.0.0-rc.1', '1.0.0', '1.2.0', 'v1.2.3', '1.3.0-a', '1.3.0']],
])('the range %s means', (range, versions) => {
  expect(meant(range, VERSIONS)).toEqual(versions);
});

test.each(['', 'latest', '1.2.3.4', '>', '>*', '01.2.3', '1.2.3 ||', '^^1', '1 - ', '1.2.3-', 'vv1'])(
  '%j is no range',
  (text) => {
    expect(parseSemverRange(text)).toBeUndefined();
  },
);

describe('the order of semver.org 11', () => {
  const ascending = [
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.b',
    '1.0.0-beta',
    '1.0.0',
    '1.0.1',
    '1.1.0',
    '2.0.0',
  ];

  test('is that of the specification', () => {
    const versions = ascending.flatMap((text) => parseVersion(text) ?? []);
    const pairs = versions.flatMap((a, index) =>
      versions.map((b, other) => [Math.sign(compareVersions(a, b)), Math.sign(index - other)]),
    );
    expect(pairs.filter(([found, expected]) => found !== expected)).toEqual([]);
    expect(versions.length).toBe(ascending.length);
  });

  test('knows no build', () => {
    expect(parseVersion('1.0.0+build.7')).toEqual(parseVersion('1.0.0'));
    expect(['1.0', 'x', '1.0.0-', 'release-1.0.0'].map(parseVersion)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
