import { type Ending, isDigit, isUpper, isWord, type Match, type Scanner } from './scanner.ts';

/** Length of an account number by country (ISO 13616, the registry's release of 2024). */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 ' +
    'LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 ' +
    'SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const OPENING = /[A-Z]{2}[0-9]{2}/g;
const OPENING_CUT_SHORT = /(?:[A-Z]{1,2}|[A-Z]{2}[0-9])$/;

/** Finds account numbers (IBAN, ISO 13616) by country, length and check digits; single spaces may stand inside. */
export const scanIbans: Scanner = (text, from, isComplete) => {
  const matches: Match[] = [];
  let at = from;
  while (true) {
    OPENING.lastIndex = at;
    const hit = OPENING.exec(text);
    if (hit === null) break;
    const end = isWord(text.charCodeAt(hit.index - 1)) ? 'none' : endOfNumber(text, hit.index, isComplete);
    if (end === 'open') return { matches, settled: hit.index };
    if (end !== 'none') matches.push({ rule: 'iban', start: hit.index, end });
    at = end === 'none' ? hit.index + 1 : end;
  }
  return { matches, settled: isComplete ? text.length : startOfOpening(text, at) };
};

function startOfOpening(text: string, from: number): number {
  const tail = text.slice(Math.max(from, text.length - 3));
  for (let start = text.length - tail.length; start < text.length; start += 1) {
    if (isWord(text.charCodeAt(start - 1))) continue;
    if (OPENING_CUT_SHORT.exec(text.slice(start))?.index === 0) return start;
  }
  return text.length;
}

function endOfNumber(text: string, start: number, isComplete: boolean): Ending {
  const length = LENGTHS.get(text.slice(start, start + 2));
  if (length === undefined) return 'none';
  let compact = '';
  let end = start;
  for (; compact.length < length && end < text.length; end += 1) {
    if (text[end] === ' ' && text[end - 1] !== ' ') continue;
    if (!isUpper(text.charCodeAt(end)) && !isDigit(text.charCodeAt(end))) return 'none';
    compact += text[end];
  }
  if (end === text.length && !isComplete) return 'open';
  const isWhole = compact.length === length && !isWord(text.charCodeAt(end));
  return isWhole && remainder97(compact) === 1 ? end : 'none';
}

/** The remainder of the rearranged number by 97, letters as 10 to 35 (ISO 7064): 1 for a right number. */
export function remainder97(compact: string): number {
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}
