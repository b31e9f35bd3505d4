import type { Struct, StructValue } from '../messages.ts';
import { fixed64, lengthDelimited, varint } from './wire-reader.ts';
import {
  type Writer,
  writeDoubleField,
  writeHeader,
  writeTextField,
  writeVarintField,
  writtenLength,
} from './wire-writer.ts';

const FIELDS = lengthDelimited(1);
const ENTRY_KEY = lengthDelimited(1);
const ENTRY_VALUE = lengthDelimited(2);

/** The fields of a google.protobuf.Struct, in the order of the object's keys. */
export function writeStruct(writer: Writer, struct: Struct): void {
  const keys = Object.keys(struct);
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const key = keys[index] as string;
    const entryBefore = writtenLength(writer);
    writeValue(writer, struct[key] as StructValue);
    writeHeader(writer, ENTRY_VALUE, entryBefore);
    writeTextField(writer, ENTRY_KEY, key);
    writeHeader(writer, FIELDS, entryBefore);
  }
}

const NULL = varint(1);
const NUMBER = fixed64(2);
const STRING = lengthDelimited(3);
const BOOL = varint(4);
const STRUCT = lengthDelimited(5);
const LIST = lengthDelimited(6);

function writeValue(writer: Writer, value: StructValue): void {
  if (typeof value === 'string') writeTextField(writer, STRING, value);
  else if (typeof value === 'number') writeDoubleField(writer, NUMBER, value);
  else if (typeof value === 'boolean') writeVarintField(writer, BOOL, value ? 1 : 0);
  else if (value === null) writeVarintField(writer, NULL, 0);
  else writeNested(writer, value);
}

function writeNested(writer: Writer, value: readonly StructValue[] | Struct): void {
  const before = writtenLength(writer);
  if (isList(value)) {
    writeList(writer, value);
    writeHeader(writer, LIST, before);
  } else {
    writeStruct(writer, value);
    writeHeader(writer, STRUCT, before);
  }
}

function isList(value: readonly StructValue[] | Struct): value is readonly StructValue[] {
  return Array.isArray(value);
}

const VALUES = lengthDelimited(1);

function writeList(writer: Writer, values: readonly StructValue[]): void {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const before = writtenLength(writer);
    writeValue(writer, values[index] as StructValue);
    writeHeader(writer, VALUES, before);
  }
}
