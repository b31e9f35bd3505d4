import type { Scalar } from 'yaml';

/** A scalar as it is printed: on one line, or as a block below its header. */
export type ScalarText =
  | { readonly kind: 'inline'; readonly text: string }
  | {
      readonly kind: 'block';
      readonly header: string;
      readonly lines: readonly string[];
      readonly spaceAfter: boolean;
    };

/**
 * The scalar as it was written where it stands on one line, so that `"1.10"`, `0x1f` and quotes stay what they are. One
 * that was broken over lines is written in double quotes; a block is moved to its new place.
 */
export function scalarText(scalar: Scalar, source: string): ScalarText {
  const [start, end] = scalar.range ?? [0, 0];
  const written = source.slice(start, end);
  if (scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED') return blockText(scalar, written);
  const text = written.includes('\n') ? JSON.stringify(scalar.value) : written;
  return { kind: 'inline', text };
}

/** A key, on one line however it was written. */
export function keyAsWritten(key: Scalar, source: string): string {
  const printed = scalarText(key, source);
  return printed.kind === 'inline' ? printed.text : JSON.stringify(key.value);
}

function blockText(scalar: Scalar, written: string): ScalarText {
  const [first = '', ...rest] = written.split('\n');
  const header = /^[|>][+-]?(?=\s|$)/.exec(first)?.[0];
  const body = rest.at(-1) === '' ? rest.slice(0, -1) : rest;
  const opening = body.find((line) => line.trim() !== '');
  // A header with an indentation of its own, or a block of blank lines: rare enough to be written as one line.
  if (header === undefined || opening === undefined) return { kind: 'inline', text: JSON.stringify(scalar.value) };
  const indent = opening.length - opening.trimStart().length;
  const lines = body.map((line) => line.slice(indent));
  if (header.endsWith('+')) return { kind: 'block', header, lines, spaceAfter: false };
  const last = lines.findLastIndex((line) => line !== '');
  return { kind: 'block', header, lines: lines.slice(0, last + 1), spaceAfter: last + 1 < lines.length };
}
