import { shortAsciiText } from '../base/short-ascii-text.ts';

/**
 * A reader of JSON text (RFC 8259) that stands at a byte and never builds an object: values are skipped, and only what
 * a caller asks for is decoded. Every function leaves the cursor behind what it read and throws JsonSyntaxError where
 * the text is not JSON; callers turn that into a result at one place.
 */
export interface JsonCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Internal to the readers of this folder: it never crosses a public function. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly offset: number;

  constructor(offset: number, expected: string) {
    super(expected);
    this.offset = offset;
  }
}

/** Deeper texts are refused: every reader behind us recurses, and no real prompt comes near. */
const JSON_DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function jsonCursor(bytes: Uint8Array, at = 0): JsonCursor {
  return { bytes, at };
}

function skipSpace(cursor: JsonCursor): void {
  const { bytes } = cursor;
  let at = cursor.at;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  cursor.at = at;
}

/** The next byte after white space, not consumed; -1 at the end of the text. */
export function peek(cursor: JsonCursor): number {
  skipSpace(cursor);
  return cursor.bytes[cursor.at] ?? -1;
}

function expectByte(cursor: JsonCursor, byte: number): void {
  if (peek(cursor) !== byte) throw new JsonSyntaxError(cursor.at, `expected "${String.fromCharCode(byte)}"`);
  cursor.at += 1;
}

/** Skips a string and gives its literal's range, quotes included. */
function skipString(cursor: JsonCursor): Span {
  expectByte(cursor, QUOTE);
  const { bytes } = cursor;
  const start = cursor.at - 1;
  for (let at = cursor.at; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      cursor.at = at + 1;
      return { start, end: cursor.at };
    }
    if (byte === BACKSLASH) at = skipEscape(bytes, at);
    else if (byte < 0x20) throw new JsonSyntaxError(at, 'control character in a string');
  }
  throw new JsonSyntaxError(bytes.length, 'unterminated string');
}

/** Stands on a backslash; gives the position of the escape's last byte. */
function skipEscape(bytes: Uint8Array, at: number): number {
  const kind = String.fromCharCode(bytes[at + 1] ?? 0);
  if (kind === 'u') {
    for (let digit = at + 2; digit < at + 6; digit += 1) {
      if (!isHexDigit(bytes[digit] ?? 0)) throw new JsonSyntaxError(digit, 'expected a hexadecimal digit');
    }
    return at + 5;
  }
  if (!'"\\/bfnrt'.includes(kind)) throw new JsonSyntaxError(at, 'unknown escape');
  return at + 1;
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** The text of the string literal at this range. A lone surrogate escape stays as it is: callers that care check. */
export function stringAt(bytes: Uint8Array, span: Span): string {
  const start = span.start + 1;
  const end = span.end - 1;
  const inner = shortAsciiText(bytes, start, end) ?? decoder.decode(bytes.subarray(start, end));
  return inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner;
}

/** The text of the string at which the cursor stands, not consumed; undefined at any other value. */
export function stringAhead(cursor: JsonCursor): string | undefined {
  if (peek(cursor) !== QUOTE) return undefined;
  return stringAt(cursor.bytes, skipString({ bytes: cursor.bytes, at: cursor.at }));
}

/** Calls `member` standing at each value of an object; it must consume that value. */
export function readObject(cursor: JsonCursor, depth: number, member: (key: string, key_at: Span) => void): void {
  expectByte(cursor, 0x7b);
  deeper(cursor, depth);
  if (peek(cursor) === 0x7d) {
    cursor.at += 1;
    return;
  }
  while (true) {
    skipSpace(cursor);
    const span = skipString(cursor);
    expectByte(cursor, 0x3a);
    member(stringAt(cursor.bytes, span), span);
    const next = peek(cursor);
    cursor.at += 1;
    if (next === 0x7d) return;
    if (next !== 0x2c) throw new JsonSyntaxError(cursor.at - 1, 'expected "," or "}"');
  }
}

/** Calls `item` standing at each value of an array; it must consume that value. */
export function readArray(cursor: JsonCursor, depth: number, item: (index: number) => void): void {
  expectByte(cursor, 0x5b);
  deeper(cursor, depth);
  if (peek(cursor) === 0x5d) {
    cursor.at += 1;
    return;
  }
  for (let index = 0; ; index += 1) {
    item(index);
    const next = peek(cursor);
    cursor.at += 1;
    if (next === 0x5d) return;
    if (next !== 0x2c) throw new JsonSyntaxError(cursor.at - 1, 'expected "," or "]"');
  }
}

function deeper(cursor: JsonCursor, depth: number): void {
  if (depth >= JSON_DEPTH_MAX) throw new JsonSyntaxError(cursor.at, `more than ${JSON_DEPTH_MAX} levels`);
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Skips any value and gives its range. */
export function skipValue(cursor: JsonCursor, depth = 0): Span {
  const first = peek(cursor);
  const start = cursor.at;
  if (first === QUOTE) return skipString(cursor);
  if (first === 0x7b) readObject(cursor, depth, () => skipValue(cursor, depth + 1));
  else if (first === 0x5b) readArray(cursor, depth, () => skipValue(cursor, depth + 1));
  else skipScalar(cursor);
  return { start, end: cursor.at };
}

function skipScalar(cursor: JsonCursor): void {
  const { bytes } = cursor;
  const start = cursor.at;
  let end = start;
  for (; end < bytes.length; end += 1) {
    const byte = bytes[end] ?? 0;
    const inside = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x45;
    if (!inside && byte !== 0x2d && byte !== 0x2b && byte !== 0x2e) break;
  }
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 64)));
  if (text !== 'true' && text !== 'false' && text !== 'null' && !NUMBER.test(text)) {
    throw new JsonSyntaxError(start, 'expected a value');
  }
  cursor.at = end;
}

/** The number, boolean or null at this range, or undefined for any other kind of value. */
export function scalarAt(bytes: Uint8Array, span: Span): number | boolean | null | undefined {
  const first = bytes[span.start] ?? 0;
  if (first === QUOTE || first === 0x7b || first === 0x5b) return undefined;
  return JSON.parse(decoder.decode(bytes.subarray(span.start, span.end))) as number | boolean | null;
}

/** Nothing but white space may follow the one value of a text. */
export function expectEnd(cursor: JsonCursor): void {
  if (peek(cursor) !== -1) throw new JsonSyntaxError(cursor.at, 'text after the end of the value');
}
