import type { RegoValue } from '../value-text.ts';

/** One `%...` of a format. */
export interface Directive {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** The value in Go's form for it under the verb, undefined where the verb does not fit the value. */
export function formatVerb(directive: Directive, value: RegoValue): string | undefined {
  const { verb } = directive;
  if (verb === 'T') return padded(directive, goType(value));
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
    const isPlain = verb === 'v' || (verb === 's' && isBig(value));
    const text = isPlain ? value.toString() : integerText(directive, BigInt(value));
    return text === undefined ? undefined : paddedNumber(directive, text);
  }
  if (typeof value === 'number') {
    const text = floatText(directive, value);
    return text === undefined ? undefined : paddedNumber(directive, text);
  }
  const text = stringText(directive, plainText(value));
  return text === undefined ? undefined : padded(directive, text);
}

/** Beyond 64 bits OPA holds an integer in a type that `%s` prints as well. */
function isBig(value: number | bigint): boolean {
  return BigInt.asIntN(64, BigInt(value)) !== BigInt(value);
}

/** The value as Go writes it after a verb that does not fit: `string=x`. */
export function describe(value: RegoValue): string {
  return `${goType(value)}=${plainText(value)}`;
}

function goType(value: RegoValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'bigint' ? 'int64' : 'string';
}

/** A string bare, anything else as Rego writes it. */
function plainText(value: RegoValue): string {
  return typeof value === 'string' ? value : regoText(value);
}

function regoText(value: RegoValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toString() : shortest(value, 21);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(regoText).join(', ')}]`;
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${[...value].map(regoText).join(', ')}}`;
  const members = Object.entries(value as { readonly [key: string]: RegoValue });
  return `{${members.map(([key, member]) => `${quoted(key)}: ${regoText(member)}`).join(', ')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function stringText(directive: Directive, text: string): string | undefined {
  const cut = directive.precision === undefined ? text : [...text].slice(0, directive.precision).join('');
  switch (directive.verb) {
    case 'v':
    case 's':
      return cut;
    case 'q':
      return directive.flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : quoted(cut);
    case 'x':
      return Buffer.from(cut).toString('hex');
    case 'X':
      return Buffer.from(cut).toString('hex').toUpperCase();
    default:
      return undefined;
  }
}

const RADIX: Readonly<Record<string, readonly [radix: number, prefix: string]>> = {
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function integerText(directive: Directive, value: bigint): string | undefined {
  const { verb, flags } = directive;
  const magnitude = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : '';
  if (verb === 'd') return sign + magnitude.toString().padStart(directive.precision ?? 0, '0');
  const base = RADIX[verb];
  if (base !== undefined) {
    const digits = magnitude.toString(base[0]).padStart(directive.precision ?? 0, '0');
    const prefix = flags.includes('#') || verb === 'O' ? base[1] : '';
    return sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits);
  }
  return characterText(verb, value);
}

function characterText(verb: string, value: bigint): string | undefined {
  const isCodePoint = value >= 0n && value <= 0x10ffffn;
  const character = isCodePoint ? String.fromCodePoint(Number(value)) : '\ufffd';
  switch (verb) {
    case 'c':
      return character;
    case 'q':
      return `'${character}'`;
    case 'U':
      return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
    default:
      return undefined;
  }
}

/** Go's `%b` and `%x` of a fraction (its bits) are left out: they count as verbs that do not fit. */
function floatText(directive: Directive, value: number): string | undefined {
  const { precision, verb } = directive;
  const digits = Math.min(precision ?? 6, EXACT_DIGITS);
  switch (verb) {
    case 'v':
      return shortest(value, 6);
    case 'f':
    case 'F':
      return toEven(value.toFixed(digits), value.toFixed(EXACT_DIGITS), digits);
    case 'e':
      return scientific(value, digits);
    case 'E':
      return scientific(value, digits).toUpperCase();
    case 'g':
      return precision === undefined ? shortest(value, 6) : general(value, precision);
    case 'G':
      return (precision === undefined ? shortest(value, 6) : general(value, precision)).toUpperCase();
    default:
      return undefined;
  }
}

/** As many digits as JavaScript gives, all of them exact. */
const EXACT_DIGITS = 100;

function scientific(value: number, digits: number): string {
  return longExponent(toEven(value.toExponential(digits), value.toExponential(EXACT_DIGITS), digits));
}

/** JavaScript rounds a tie up, Go to the even digit: takes the digit below where it is even. */
function toEven(rounded: string, exact: string, digits: number): string {
  const [mantissa = '', exponent] = exact.split('e');
  const point = mantissa.indexOf('.');
  if (!/^50*$/.test(mantissa.slice(point + 1 + digits))) return rounded;
  const below = mantissa.slice(0, digits === 0 ? point : point + 1 + digits);
  if (!/[02468]$/.test(below)) return rounded;
  return exponent === undefined ? below : `${below}e${exponent}`;
}

/** The fewest digits that read back as the value; with an exponent below 1e-4 and from 10 to the `plainDigits` on. */
function shortest(value: number, plainDigits: number): string {
  const text = value.toExponential();
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  if (exponent >= -4 && exponent < plainDigits && exponent < 21) return String(value);
  return longExponent(text);
}

function general(value: number, precision: number): string {
  const digits = Math.min(Math.max(precision, 1), EXACT_DIGITS);
  const text = scientific(value, digits - 1);
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  if (exponent < -4 || exponent >= digits) return text.replace(/\.?0+e/, 'e');
  return String(Number(text));
}

/** Go writes at least two digits of exponent. */
function longExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function padded(directive: Directive, text: string): string {
  const missing = (directive.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (directive.flags.includes('-')) return text + ' '.repeat(missing);
  return (directive.flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}

function paddedNumber(directive: Directive, text: string): string {
  const { flags } = directive;
  const isNegative = text.startsWith('-');
  const sign = isNegative ? '-' : (/[+]/.exec(flags) ?? / /.exec(flags) ?? [''])[0];
  const digits = isNegative ? text.slice(1) : text;
  const isZeroPadded = flags.includes('0') && !flags.includes('-');
  return isZeroPadded
    ? sign + digits.padStart((directive.width ?? 0) - sign.length, '0')
    : padded(directive, sign + digits);
}
