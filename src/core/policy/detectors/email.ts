import { isWord, type Match, type Scanner } from './scanner.ts';

/** RFC 5321, section 4.5.3.1. */
const LOCAL_CHARS_MAX = 64;
const DOMAIN_CHARS_MAX = 255;

/** A host name with a top-level domain of letters. */
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$/;

/** Finds e-mail addresses in their everyday form: no quoted local part, no comment, no bare host. */
export const scanEmails: Scanner = (text, from, isComplete) => {
  const matches: Match[] = [];
  let floor = from;
  let sign = text.indexOf('@', from);
  while (sign >= 0) {
    const start = startOfLocal(text, sign, floor);
    const run = endOfDomainRun(text, sign + 1);
    const isOpen = !isComplete && run === text.length && run - sign <= DOMAIN_CHARS_MAX;
    if (isOpen && start < sign) return { matches, settled: start };
    const end = endOfDomain(text, sign + 1, run);
    if (start < sign && end !== undefined) {
      matches.push({ rule: 'email', start, end });
      floor = end;
    } else {
      floor = sign + 1;
    }
    sign = text.indexOf('@', floor);
  }
  return { matches, settled: isComplete ? text.length : startOfLocal(text, text.length, floor) };
};

/** The characters that may stand before the sign: letters, digits and `.!#$%&'*+/=?^_{|}~-` as mail systems use them. */
function isLocal(code: number): boolean {
  return isWord(code) || code === 0x2e || code === 0x5f || code === 0x25 || code === 0x2b || code === 0x2d;
}

function startOfLocal(text: string, sign: number, floor: number): number {
  const lowest = Math.max(floor, sign - LOCAL_CHARS_MAX);
  let start = sign;
  while (start > lowest && isLocal(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function endOfDomainRun(text: string, start: number): number {
  const limit = Math.min(text.length, start + DOMAIN_CHARS_MAX);
  let end = start;
  while (end < limit && isDomain(text.charCodeAt(end))) end += 1;
  return end;
}

function isDomain(code: number): boolean {
  return isWord(code) || code === 0x2e || code === 0x2d;
}

/** The end of the longest domain in the run: what stands behind its last good label is dropped. */
function endOfDomain(text: string, start: number, runEnd: number): number | undefined {
  let end = runEnd;
  while (end > start) {
    if (DOMAIN.test(text.slice(start, end))) return end;
    const cut = Math.max(text.lastIndexOf('.', end - 1), text.lastIndexOf('-', end - 1));
    if (cut < start) return undefined;
    end = cut;
  }
  return undefined;
}
