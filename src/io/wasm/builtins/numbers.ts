import type { RegoValue } from '../value-text.ts';
import { type Builtin, BuiltinError, integerAt, integerValue, textAt } from './argument.ts';

/** The longest range: more is a mistake, and would fill the instance's memory. */
const RANGE_ITEMS_MAX = 100_000n;

const rangeStep: Builtin = (args) => {
  const [from, to, step] = [integerAt(args, 0), integerAt(args, 1), integerAt(args, 2)];
  if (step <= 0n) throw new BuiltinError('step must be a positive integer');
  const length = (from < to ? to - from : from - to) / step + 1n;
  if (length > RANGE_ITEMS_MAX) throw new BuiltinError('the range is too long');
  const direction = from <= to ? step : -step;
  return Array.from({ length: Number(length) }, (_item, index) => integerValue(from + direction * BigInt(index)));
};

const SEMANTIC_VERSION =
  /^v?(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

function parseVersion(value: RegoValue | undefined): RegExpExecArray | undefined {
  if (typeof value !== 'string') return undefined;
  const match = SEMANTIC_VERSION.exec(value);
  const hasLeadingZero = match?.[4]?.split('.').some((part) => /^0\d+$/.test(part)) === true;
  return match === null || hasLeadingZero ? undefined : match;
}

/** Precedence of semver.org, item 11. */
const compareVersions: Builtin = (args) => {
  const [left, right] = [parseVersion(args[0]), parseVersion(args[1])];
  if (left === undefined || right === undefined) throw new BuiltinError('not a semantic version');
  for (const index of [1, 2, 3]) {
    const order = compareOrdered(BigInt(left[index] ?? 0), BigInt(right[index] ?? 0));
    if (order !== 0) return order;
  }
  if (left[4] === undefined || right[4] === undefined) {
    return Number(left[4] === undefined) - Number(right[4] === undefined);
  }
  return comparePreRelease(left[4].split('.'), right[4].split('.'));
};

function comparePreRelease(left: readonly string[], right: readonly string[]): number {
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    const order = isNumber ? compareOrdered(BigInt(part), BigInt(other)) : compareOrdered(part, other);
    if (order !== 0) return order;
  }
  return left.length < right.length ? -1 : 0;
}

function compareOrdered<T extends bigint | string>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const BINARY_SCALE: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n, t: 40n, p: 50n, e: 60n };
const DECIMAL_POWER: Readonly<Record<string, bigint>> = { k: 3n, m: 6n, g: 9n, t: 12n, p: 15n, e: 18n };

/** A decimal amount times a power of two or ten, exactly: numerator and denominator. */
function amount(text: string): readonly [numerator: bigint, denominator: bigint, unit: string] {
  const match = /^(-?)(\d{0,30})(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2})(?=\D|$))?([A-Za-z]*)$/.exec(text);
  const [sign = '', whole = '', fraction = '', exponent = '0', unit = ''] = match?.slice(1) ?? [];
  if (match === null || whole + fraction === '') throw new BuiltinError('could not parse the amount');
  const scale = BigInt(exponent) - BigInt(fraction.length);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  return scale >= 0n ? [digits * 10n ** scale, 1n, unit] : [digits, 10n ** -scale, unit];
}

const parseBytes: Builtin = (args) => {
  const [numerator, denominator, unit] = amount(textAt(args, 0).replaceAll('"', '').toLowerCase());
  const match = /^([kmgtpe])(i?)b?$/.exec(unit);
  if (unit !== '' && match === null) throw new BuiltinError('byte unit not recognized');
  return integerValue((numerator * multiplier(match?.[1], match?.[2] === 'i')) / denominator);
};

const parseUnits: Builtin = (args) => {
  const [numerator, denominator, raw] = amount(textAt(args, 0).replaceAll('"', ''));
  const unit = raw.slice(0, 1) + raw.slice(1).toLowerCase();
  if (unit === 'm') return decimal(numerator, denominator * 1000n);
  if (!/^(?:[kKMgGtTpPeE]|[kKmMgGtTpPeE]i)?$/.test(unit)) throw new BuiltinError('unit not recognized');
  return decimal(numerator * multiplier(unit[0]?.toLowerCase(), unit.endsWith('i')), denominator);
};

function multiplier(letter: string | undefined, isBinary: boolean): bigint {
  if (letter === undefined) return 1n;
  return isBinary ? 2n ** (BINARY_SCALE[letter] ?? 0n) : 10n ** (DECIMAL_POWER[letter] ?? 0n);
}

function decimal(numerator: bigint, denominator: bigint): RegoValue {
  if (numerator % denominator === 0n) return integerValue(numerator / denominator);
  return Number((Number(numerator) / Number(denominator)).toFixed(10));
}

export const NUMBER_BUILTINS = {
  'numbers.range_step': rangeStep,
  'semver.compare': compareVersions,
  'semver.is_valid': (args) => parseVersion(args[0]) !== undefined,
  'units.parse': parseUnits,
  'units.parse_bytes': parseBytes,
} as const satisfies Readonly<Record<string, Builtin>>;
