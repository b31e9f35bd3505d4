/** A version as semver.org 2.0.0 orders it; what stands behind `+` orders nothing and is dropped. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly (number | string)[];
}

/** Which versions are meant: one of the alternatives, of which every bound holds. */
export type SemverRange = readonly Alternative[];

interface Alternative {
  readonly bounds: readonly Bound[];
  /** Whether a bound names a prerelease: without one no prerelease is meant. */
  readonly prereleases: boolean;
}

interface Bound {
  readonly sign: '<' | '<=' | '=' | '>=' | '>';
  readonly version: Version;
}

const NUMBER = '0|[1-9][0-9]{0,14}';
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = new RegExp(`^v?(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-(${IDENTIFIERS}))?(?:\\+${IDENTIFIERS})?$`);
const PART = `${NUMBER}|[xX*]`;
const TERM = new RegExp(`^(<=|>=|<|>|=|\\^|~)?v?(${PART})(?:\\.(${PART}))?(?:\\.(${PART}))?(?:-(${IDENTIFIERS}))?$`);
/** The lowest prerelease there is: what `<2.0.0` must leave out where prereleases are meant. */
const LOWEST: Version['prerelease'] = [0];

/** A version with all three numbers, with or without the `v` that tags carry; undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  const found = VERSION.exec(text);
  if (found === null) return undefined;
  const numbers = [Number(found[1]), Number(found[2]), Number(found[3])] as const;
  return { numbers, prerelease: prereleaseOf(found[4]) };
}

/**
 * A range as of Flux and npm: bounds with blanks or commas between them (`>=1.2 <2`), `^1.2`, `~1.2`, `1.x`, `*`,
 * `1.2 - 1.4`, alternatives between `||`. A prerelease is meant only where a bound names one (`>=1.0.0-0`).
 * @returns undefined when it is none
 */
export function parseSemverRange(text: string): SemverRange | undefined {
  const alternatives = text.split('||').map(parseAlternative);
  return alternatives.every((each) => each !== undefined) ? alternatives : undefined;
}

export function isInRange(version: Version, range: SemverRange): boolean {
  return range.some(
    ({ bounds, prereleases }) =>
      (prereleases || version.prerelease.length === 0) && bounds.every((bound) => holds(bound, version)),
  );
}

/** Below 0 when `a` comes before `b` (semver.org 11). */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] - b.numbers[index];
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length;
  for (let index = 0; index < Math.min(a.prerelease.length, b.prerelease.length); index += 1) {
    const order = compareIdentifiers(a.prerelease[index] ?? 0, b.prerelease[index] ?? 0);
    if (order !== 0) return order;
  }
  return a.prerelease.length - b.prerelease.length;
}

function compareIdentifiers(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

function holds({ sign, version }: Bound, candidate: Version): boolean {
  const order = compareVersions(candidate, version);
  switch (sign) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
  }
}

function parseAlternative(text: string): Alternative | undefined {
  const spread = text.trim().replace(/^(\S+)\s+-\s+(\S+)$/, '>=$1 <=$2');
  const terms = spread.replace(/([<>=^~])\s+/g, '$1').split(/[\s,]+/);
  const bounds = terms.map(boundsOfTerm);
  if (!bounds.every((each) => each !== undefined)) return undefined;
  return { bounds: bounds.flat(), prereleases: terms.some((term) => TERM.exec(term)?.[5] !== undefined) };
}

function boundsOfTerm(term: string): readonly Bound[] | undefined {
  const found = TERM.exec(term);
  if (found === null) return undefined;
  const sign = found[1] ?? '';
  const [major, minor, patch] = found.slice(2, 5).map(numberOf);
  if (major === undefined) return sign === '<' || sign === '>' ? undefined : [];
  return boundsOfSign(sign, [major, minor, patch], prereleaseOf(found[5]));
}

type Given = readonly [number, number | undefined, number | undefined];

function boundsOfSign(sign: string, given: Given, prerelease: Version['prerelease']): readonly Bound[] {
  const [major, minor, patch] = given;
  const whole = minor !== undefined && patch !== undefined;
  const lowest: Version = { numbers: [major, minor ?? 0, patch ?? 0], prerelease };
  const afterSame = below(minor === undefined ? [major + 1, 0, 0] : [major, minor + 1, 0]);
  switch (sign) {
    case '<':
    case '>=':
      return [{ sign, version: lowest }];
    case '>':
      return whole ? [{ sign, version: lowest }] : [{ sign: '>=', version: afterSame }];
    case '<=':
      return whole ? [{ sign, version: lowest }] : [{ sign: '<', version: afterSame }];
    case '^':
      return between(lowest, below(afterCaret(given)));
    case '~':
      return between(lowest, afterSame);
    default:
      return whole ? [{ sign: '=', version: lowest }] : between(lowest, afterSame);
  }
}

function numberOf(part: string | undefined): number | undefined {
  return part === undefined || /[xX*]/.test(part) ? undefined : Number(part);
}

function below(numbers: Version['numbers']): Version {
  return { numbers, prerelease: LOWEST };
}

/** The first version that changes the leftmost number that is not zero. */
function afterCaret([major, minor, patch]: Given): Version['numbers'] {
  if (major > 0 || minor === undefined) return [major + 1, 0, 0];
  if (minor > 0 || patch === undefined) return [0, minor + 1, 0];
  return [0, 0, patch + 1];
}

function between(from: Version, end: Version): readonly Bound[] {
  return [
    { sign: '>=', version: from },
    { sign: '<', version: end },
  ];
}

function prereleaseOf(text: string | undefined): Version['prerelease'] {
  if (text === undefined) return [];
  return text.split('.').map((part) => (/^(0|[1-9][0-9]{0,14})$/.test(part) ? Number(part) : part));
}
