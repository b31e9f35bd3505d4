import type { DetectorName } from '../ir/guardrail.ts';
import { DETECTORS, type FindingKind } from './detectors/detectors.ts';

/** One text of a request or an answer. */
export interface PolicyText {
  /** JSON Pointer (RFC 6901) to the string in the original body. */
  readonly ptr: string;
  readonly role: string;
  /** The index of its message, or of its choice in an answer; -1 for what stands in no message of a request. */
  readonly message: number;
  readonly text: string;
}

/** What a detector found, as Rego reads it. It holds no text. */
export interface Finding {
  readonly detector: DetectorName;
  readonly rule: string;
  readonly kind: FindingKind;
  readonly ptr: string;
  /** Code points from the start of the text, half open: what Rego's `substring` counts. */
  readonly start: number;
  readonly end: number;
}

/** What the detectors find in the texts, by text, then by detector, then from the left. */
export function findIn(texts: readonly PolicyText[], detectors: readonly DetectorName[]): Finding[] {
  const findings: Finding[] = [];
  for (const { ptr, text } of texts) {
    for (const detector of detectors) {
      const { kind, scan } = DETECTORS[detector];
      for (const { rule, start, end } of scan(text, 0, true).matches) {
        const from = codePointsBefore(text, start);
        findings.push({
          detector,
          rule,
          kind,
          ptr,
          start: from,
          end: from + codePointsBefore(text.slice(start, end), end - start),
        });
      }
    }
  }
  return findings;
}

/** Code points in the first `offset` code units. */
export function codePointsBefore(text: string, offset: number): number {
  let count = offset;
  for (let index = 0; index < offset - 1; index += 1) {
    if (isPair(text, index)) {
      count -= 1;
      index += 1;
    }
  }
  return count;
}

/** The code unit at which the code point with this index begins; the end of the text beyond it. */
export function codeUnitOf(text: string, codePoint: number): number {
  let unit = 0;
  for (let left = codePoint; left > 0 && unit < text.length; left -= 1) unit += isPair(text, unit) ? 2 : 1;
  return unit;
}

function isPair(text: string, index: number): boolean {
  return (text.codePointAt(index) ?? 0) > 0xffff;
}
