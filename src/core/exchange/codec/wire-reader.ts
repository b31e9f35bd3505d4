/**
 * Reading the protobuf wire format (protobuf.dev/programming-guides/encoding) without building messages. A malformed byte
 * never throws: it leaves a fault in the cursor and moves it behind the last byte, which ends every loop over fields.
 */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  fault: WireFault | undefined;
}

export interface WireFault {
  readonly reason: WireFaultReason;
  /** Byte offset in the message. */
  readonly offset: number;
}

export type WireFaultReason = 'varint' | 'truncated' | 'tag' | 'depth' | 'too-many-headers' | 'body-mode';

/** A field's number and wire type as one number, as they stand in the bytes. */
export const lengthDelimited = (field: number): number => field * 8 + 2;
export const varint = (field: number): number => field * 8;
export const fixed64 = (field: number): number => field * 8 + 1;

/** Records the first fault and stops the reading. */
export function fail(cursor: Cursor, reason: WireFaultReason): void {
  cursor.fault ??= { reason, offset: cursor.at };
  cursor.at = cursor.bytes.length;
}

/** A varint as a number: exact to 2^53, above that the nearest double. 0 after a fault. */
export function readVarint(cursor: Cursor, end: number): number {
  const { bytes } = cursor;
  let at = cursor.at;
  let value = 0;
  let scale = 1;
  for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
    if (at >= end) break;
    const byte = bytes[at] as number;
    at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      cursor.at = at;
      return value;
    }
    scale *= 128;
  }
  fail(cursor, 'varint');
  return 0;
}

const VARINT_BYTES_MAX = 10;
const TAG_MAX = 0xffff_ffff;

/** The next field's tag, see `lengthDelimited` and `varint`. 0, which is no field, after a fault. */
export function readTag(cursor: Cursor, end: number): number {
  const tag = readVarint(cursor, end);
  if (tag >= 8 && tag <= TAG_MAX) return tag;
  fail(cursor, 'tag');
  return 0;
}

/** Reads a length and gives where its bytes end; they start at `cursor.at`. */
export function readEnd(cursor: Cursor, end: number): number {
  const bytesEnd = readVarint(cursor, end) + cursor.at;
  if (bytesEnd <= end) return bytesEnd;
  fail(cursor, 'truncated');
  return cursor.at;
}

/** A little-endian double. */
export function readDouble(cursor: Cursor, end: number): number {
  const start = cursor.at;
  advance(cursor, end, 8);
  if (cursor.fault) return 0;
  return new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + start, 8).getFloat64(0, true);
}

/** Steps over a field that we do not read: newer Envoys may send more. */
export function skipField(cursor: Cursor, tag: number, end: number): void {
  const wireType = tag & 7;
  if (wireType === 0) readVarint(cursor, end);
  else if (wireType === 1) advance(cursor, end, 8);
  else if (wireType === 2) cursor.at = readEnd(cursor, end);
  else if (wireType === 5) advance(cursor, end, 4);
  else fail(cursor, 'tag');
}

function advance(cursor: Cursor, end: number, byteCount: number): void {
  if (cursor.at + byteCount <= end) cursor.at += byteCount;
  else fail(cursor, 'truncated');
}
