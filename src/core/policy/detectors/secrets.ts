import { literalFinder } from './literal-finder.ts';
import { type Ending, isWord, MATCH_CHARS_MAX, type Match, type Scanner } from './scanner.ts';
import { isUrlSafe, SECRET_FORMS, type SecretForm } from './secret-forms.ts';

interface Opening {
  readonly rule: string;
  readonly literal: string;
  readonly endOf: (text: string, start: number, isComplete: boolean) => Ending;
}

const JWT_OPENING = 'eyJ';
const JWT_SEGMENT_CHARS_MIN = 10;
const JWT_SEGMENT_CHARS_MAX = MATCH_CHARS_MAX / 3 - 1;
const PEM_OPENING = '-----BEGIN ';
const PEM_HEADER = /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
/** The longest header line that PEM_HEADER accepts. */
const PEM_HEADER_CHARS_MAX = PEM_OPENING.length + 40 + 'PRIVATE KEY-----'.length;
const PEM_FOOTER = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;

const OPENINGS: readonly Opening[] = [
  ...SECRET_FORMS.flatMap((form) => form.prefixes.map((literal) => tokenOpening(form, literal))),
  { rule: 'jwt', literal: JWT_OPENING, endOf: endOfJwt },
  { rule: 'private-key', literal: PEM_OPENING, endOf: endOfPem },
];

const OPENING_BY_LITERAL = new Map(OPENINGS.map((opening) => [opening.literal, opening]));
const LITERAL_CHARS_MAX = Math.max(...OPENINGS.map(({ literal }) => literal.length));
/** Every way in which a literal can be cut short. */
const LITERAL_STARTS = new Set(OPENINGS.flatMap(({ literal }) => literalStarts(literal)));
const nextLiteral = literalFinder([...OPENING_BY_LITERAL.keys()]);

/** Finds credentials by the fixed letters with which they begin. */
export const scanSecrets: Scanner = (text, from, isComplete) => {
  const matches: Match[] = [];
  let at = from;
  while (true) {
    const hit = nextLiteral(text, at);
    if (hit === undefined) break;
    const opening = OPENING_BY_LITERAL.get(hit.literal);
    const end =
      opening === undefined || !mayBegin(text, hit.index) ? 'none' : opening.endOf(text, hit.index, isComplete);
    if (end === 'open') return { matches, settled: hit.index };
    if (opening !== undefined && end !== 'none') matches.push({ rule: opening.rule, start: hit.index, end });
    at = end === 'none' ? hit.index + 1 : end;
  }
  return { matches, settled: isComplete ? text.length : startOfLiteral(text, at) };
};

/** A letter or digit before it makes a literal part of another word. */
function mayBegin(text: string, start: number): boolean {
  return !isWord(text.charCodeAt(start - 1));
}

/** Where a literal that the end of the text cuts short begins, else the end. */
function startOfLiteral(text: string, from: number): number {
  const first = Math.max(from, text.length - LITERAL_CHARS_MAX + 1);
  for (let start = first; start < text.length; start += 1) {
    if (LITERAL_STARTS.has(text.slice(start)) && mayBegin(text, start)) return start;
  }
  return text.length;
}

function literalStarts(literal: string): string[] {
  return Array.from({ length: literal.length - 1 }, (_item, index) => literal.slice(0, index + 1));
}

function tokenOpening(form: SecretForm, literal: string): Opening {
  const { rule, bodyMin, bodyMax, isBody } = form;
  const isFixed = bodyMin === bodyMax;
  return {
    rule,
    literal,
    endOf(text, start, isComplete) {
      const body = start + literal.length;
      const end = endOfRun(text, body, body + bodyMax, isBody);
      const mayGoOn = isFixed || end < body + bodyMax;
      if (mayGoOn && end === text.length && !isComplete) return 'open';
      const next = text.charCodeAt(end);
      const isTooLong = isFixed && (isBody(next) || isWord(next));
      return end - body >= bodyMin && !isTooLong ? end : 'none';
    },
  };
}

function endOfRun(text: string, start: number, limit: number, isMember: (code: number) => boolean): number {
  let end = start;
  while (end < limit && isMember(text.charCodeAt(end))) end += 1;
  return end;
}

/** Three base64url segments with dots between them, the first two of them JSON objects (RFC 7519). */
function endOfJwt(text: string, start: number, isComplete: boolean): Ending {
  if (isUrlSafe(text.charCodeAt(start - 1))) return 'none';
  const header = endOfJsonSegment(text, start, isComplete);
  if (typeof header !== 'number') return header;
  const claims = endOfJsonSegment(text, header + 1, isComplete);
  if (typeof claims !== 'number') return claims;
  const limit = claims + 1 + JWT_SEGMENT_CHARS_MAX;
  const end = endOfRun(text, claims + 1, limit, isUrlSafe);
  if (end === text.length && end < limit && !isComplete) return 'open';
  return end - claims > JWT_SEGMENT_CHARS_MIN ? end : 'none';
}

/** The dot behind a segment that is a JSON object. */
function endOfJsonSegment(text: string, start: number, isComplete: boolean): Ending {
  const head = text.slice(start, start + JWT_OPENING.length);
  if (!isComplete && head.length < JWT_OPENING.length && JWT_OPENING.startsWith(head)) return 'open';
  if (head !== JWT_OPENING) return 'none';
  const end = endOfRun(text, start, start + JWT_SEGMENT_CHARS_MAX, isUrlSafe);
  if (end === text.length && !isComplete) return 'open';
  return end - start >= JWT_SEGMENT_CHARS_MIN && text[end] === '.' ? end : 'none';
}

/** From the header line to the footer; to the longest match, or to the end of the text, where there is none. */
function endOfPem(text: string, start: number, isComplete: boolean): Ending {
  const header = PEM_HEADER.exec(text.slice(start, start + PEM_HEADER_CHARS_MAX));
  if (header === null) {
    return !isComplete && text.length - start < PEM_HEADER_CHARS_MAX ? 'open' : 'none';
  }
  const block = text.slice(start, start + MATCH_CHARS_MAX);
  const footer = PEM_FOOTER.exec(block);
  if (footer !== null) return start + footer.index + footer[0].length;
  return !isComplete && block.length < MATCH_CHARS_MAX ? 'open' : start + block.length;
}
