import { isDigit, isWord, type Match, type Scanner } from './scanner.ts';

const DIGITS_MIN = 13;
const DIGITS_MAX = 19;

/** Issuer number ranges (ISO/IEC 7812), as published by the card schemes: first digits from and to, and lengths. */
const RANGES: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ['4', '4', [13, 16, 19]],
  ['51', '55', [16]],
  ['2221', '2720', [16]],
  ['34', '34', [15]],
  ['37', '37', [15]],
  ['6011', '6011', [16, 17, 18, 19]],
  ['644', '659', [16, 17, 18, 19]],
  ['3528', '3589', [16, 17, 18, 19]],
  ['300', '305', [14]],
  ['36', '36', [14]],
  ['38', '39', [14]],
  ['62', '62', [16, 17, 18, 19]],
];

/** A run of digits without a separator inside. */
interface Group {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds payment card numbers: 13 to 19 digits, in groups with a single space or dash between them, of a known issuer
 * range and with a right check digit (Luhn). A number begins and ends with a group.
 */
export const scanCards: Scanner = (text, from, isComplete) => {
  const matches: Match[] = [];
  if (isComplete && !hasEnoughDigits(text, from)) return { matches, settled: text.length };
  let at = from;
  while (at < text.length) {
    const start = nextDigit(text, at);
    if (start === text.length) break;
    const groups = groupsFrom(text, start);
    const end = groups.at(-1)?.end ?? start;
    const isOpen = !isComplete && (end === text.length || (end + 1 === text.length && isSeparator(text, end)));
    const settled = scanGroups(text, groups, isOpen, matches);
    if (settled < end) return { matches, settled };
    at = end;
  }
  return { matches, settled: text.length };
};

/** Adds the matches among the groups; gives where the first group begins whose matches are not certain yet. */
function scanGroups(text: string, groups: readonly Group[], isOpen: boolean, matches: Match[]): number {
  let first = 0;
  while (first < groups.length) {
    const { last, isCertain } = longestFrom(text, groups, first, isOpen);
    if (!isCertain) return groups[first]?.start ?? 0;
    if (last !== undefined) {
      matches.push({ rule: 'card', start: groups[first]?.start ?? 0, end: groups[last]?.end ?? 0 });
    }
    first = (last ?? first) + 1;
  }
  return groups.at(-1)?.end ?? 0;
}

/** The last group of the longest card number that begins with group `first`. */
function longestFrom(
  text: string,
  groups: readonly Group[],
  first: number,
  isOpen: boolean,
): { readonly last: number | undefined; readonly isCertain: boolean } {
  let digits = '';
  let last: number | undefined;
  for (let index = first; index < groups.length; index += 1) {
    const group = groups[index];
    if (group === undefined) break;
    digits += text.slice(group.start, Math.min(group.end, group.start + DIGITS_MAX + 1));
    if (digits.length > DIGITS_MAX) return { last, isCertain: true };
    const isInsideWord = isWord(text.charCodeAt(group.end)) || (index === first && isWordBefore(text, group.start));
    if (!isInsideWord && isCard(digits)) last = index;
  }
  return { last, isCertain: !isOpen };
}

function isWordBefore(text: string, start: number): boolean {
  return isWord(text.charCodeAt(start - 1)) || text[start - 1] === '_';
}

/** The shortest number in groups; nothing in it can match in two ways, so it takes linear time. */
const ENOUGH_DIGITS = /[0-9](?:[ -]?[0-9]){12}/g;

/** Spares most texts the work on each of their numbers. */
function hasEnoughDigits(text: string, from: number): boolean {
  ENOUGH_DIGITS.lastIndex = from;
  return ENOUGH_DIGITS.test(text);
}

const DIGIT = /[0-9]/g;

function nextDigit(text: string, from: number): number {
  DIGIT.lastIndex = from;
  return DIGIT.exec(text)?.index ?? text.length;
}

/** The groups of the run that begins at `start`; a separator joins two groups when it stands alone between them. */
function groupsFrom(text: string, start: number): Group[] {
  const groups: Group[] = [];
  let at = start;
  while (isDigit(text.charCodeAt(at))) {
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    groups.push({ start: at, end });
    at = isSeparator(text, end) ? end + 1 : end;
  }
  return groups;
}

function isSeparator(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '-';
}

function isCard(digits: string): boolean {
  if (digits.length < DIGITS_MIN) return false;
  const isKnown = RANGES.some(([from, to, lengths]) => {
    const prefix = digits.slice(0, from.length);
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  });
  return isKnown && luhnSum(digits) % 10 === 0;
}

/** The sum of the Luhn check (ISO/IEC 7812-1, annex B): a multiple of ten for a right number. */
export function luhnSum(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30;
    const doubled = digit * 2;
    if (index % 2 === 0) sum += digit;
    else sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}
