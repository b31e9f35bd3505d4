import type { Struct, StructValue } from '../messages.ts';
import { decodeText } from './decode-text.ts';
import {
  type Cursor,
  fail,
  fixed64,
  lengthDelimited,
  readDouble,
  readEnd,
  readTag,
  readVarint,
  skipField,
  varint,
} from './wire-reader.ts';

/** Metadata that Envoy forwards is two levels deep; more than this is an attack on our stack. */
const STRUCT_DEPTH_MAX = 32;

/** google.protobuf.Struct from `cursor.at` to `end`. */
export function decodeStruct(cursor: Cursor, end: number, depth = 0): Struct {
  const struct: { [key: string]: StructValue } = Object.create(null);
  if (depth > STRUCT_DEPTH_MAX) fail(cursor, 'depth');
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag !== FIELDS) {
      skipField(cursor, tag, end);
      continue;
    }
    const entry = readMapEntry(cursor, readEnd(cursor, end));
    struct[entry.key] = decodeValueAt(cursor, entry, depth);
  }
  return struct;
}

/** One entry of a protobuf map whose keys are strings and whose values are messages. */
export interface MapEntry {
  readonly key: string;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Where the next entry starts. */
  readonly end: number;
}

/** Reads over an entry that ends at `end`; the value's bytes are left to the caller. */
export function readMapEntry(cursor: Cursor, end: number): MapEntry {
  let key = '';
  let valueStart = end;
  let valueEnd = end;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === ENTRY_KEY) {
      const keyEnd = readEnd(cursor, end);
      key = decodeText(cursor.bytes, cursor.at, keyEnd);
      cursor.at = keyEnd;
    } else if (tag === ENTRY_VALUE) {
      valueEnd = readEnd(cursor, end);
      valueStart = cursor.at;
      cursor.at = valueEnd;
    } else skipField(cursor, tag, end);
  }
  return { key, valueStart, valueEnd, end };
}

const FIELDS = lengthDelimited(1);
const ENTRY_KEY = lengthDelimited(1);
const ENTRY_VALUE = lengthDelimited(2);

function decodeValueAt(cursor: Cursor, entry: MapEntry, depth: number): StructValue {
  if (cursor.fault) return null;
  cursor.at = entry.valueStart;
  const value = decodeValue(cursor, entry.valueEnd, depth);
  if (!cursor.fault) cursor.at = entry.end;
  return value;
}

const NUMBER = fixed64(2);
const STRING = lengthDelimited(3);
const BOOL = varint(4);
const STRUCT = lengthDelimited(5);
const LIST = lengthDelimited(6);

/** google.protobuf.Value from `cursor.at` to `end`; one without a kind is null. */
export function decodeValue(cursor: Cursor, end: number, depth = 0): StructValue {
  let value: StructValue = null;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === STRING) {
      const textEnd = readEnd(cursor, end);
      value = decodeText(cursor.bytes, cursor.at, textEnd);
      cursor.at = textEnd;
    } else if (tag === NUMBER) value = readDouble(cursor, end);
    else if (tag === BOOL) value = readVarint(cursor, end) !== 0;
    else if (tag === STRUCT) value = decodeStruct(cursor, readEnd(cursor, end), depth + 1);
    else if (tag === LIST) value = decodeList(cursor, readEnd(cursor, end), depth + 1);
    else {
      skipField(cursor, tag, end);
      if (tag === varint(1)) value = null;
    }
  }
  return value;
}

const VALUES = lengthDelimited(1);

function decodeList(cursor: Cursor, end: number, depth: number): readonly StructValue[] {
  const values: StructValue[] = [];
  if (depth > STRUCT_DEPTH_MAX) fail(cursor, 'depth');
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === VALUES) values.push(decodeValue(cursor, readEnd(cursor, end), depth));
    else skipField(cursor, tag, end);
  }
  return values;
}
