/** A place in a text that a detector has found. Offsets in UTF-16 code units, half open. */
export interface Match {
  /** The form that was found, such as `aws-access-key`. */
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

/** What a scan has found, and how far it is certain. */
export interface Scan {
  readonly matches: readonly Match[];
  /**
   * Nothing that may still be appended to the text changes the matches before this offset; an unfinished match, or
   * what may become one, begins here or later. The whole length when the text is complete.
   */
  readonly settled: number;
}

/** Where a match ends; `open` when that depends on text which is not there yet. */
export type Ending = number | 'none' | 'open';

/**
 * Looks for one kind of thing in a text, from the left, in linear time. `from` is 0 or the `settled` of an earlier scan
 * of the text so far, so the matches of all scans together are those of one scan of the whole text, however it grew.
 */
export type Scanner = (text: string, from: number, isComplete: boolean) => Scan;

/** The longest match of any scanner: a JWT of three full segments; a private key of 8,192 bits has half of it. */
export const MATCH_CHARS_MAX = 12_288;

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** A letter or digit of ASCII; false for NaN, which is what stands outside of a text. */
export function isWord(code: number): boolean {
  return isLower(code) || isUpper(code) || isDigit(code);
}
