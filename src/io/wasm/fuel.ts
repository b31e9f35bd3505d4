import { LOOP, skipInstruction } from './instructions.ts';
import {
  type ByteReader,
  encodeUnsigned,
  readByte,
  readUnsigned,
  skipBytes,
  skipInteger,
  skipName,
  WasmFormatError,
} from './module-bytes.ts';

/** The name under which an instrumented module exports its fuel counter, a mutable i32 global. */
export const FUEL_EXPORT = 'headgate_fuel';

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { import: 2, global: 6, export: 7, code: 10 } as const;
/** The counter before the host sets it: the start function runs on it. */
const FUEL_AT_START = 0x7fffffff;

/**
 * Gives the module a fuel counter: one unit is taken at every function entry and at every turn of a loop, and the
 * module traps (`unreachable`) when none is left. Since the count depends on the module and its input alone, every
 * replica stops a runaway rule at the same step. Throws WasmFormatError on bytes that are not a module of OPA's.
 */
export function instrumentFuel(wasm: Uint8Array): Uint8Array {
  const reader: ByteReader = { bytes: wasm, offset: 0 };
  for (const expected of MAGIC_AND_VERSION) {
    if (readByte(reader) !== expected) throw new WasmFormatError('not a WebAssembly module');
  }
  const parts: Uint8Array[] = [wasm.subarray(0, reader.offset)];
  let globalIndex = 0;
  let seen = 0;
  while (reader.offset < wasm.length) {
    const id = readByte(reader);
    const length = readUnsigned(reader);
    const start = reader.offset;
    const section: ByteReader = { bytes: wasm.subarray(0, start + length), offset: start };
    let content = section.bytes.subarray(start);
    if (id === SECTION.import) globalIndex += countImportedGlobals(section);
    if (id === SECTION.global) {
      globalIndex += readUnsigned({ bytes: section.bytes, offset: start });
      content = withItem(section, [0x7f, 0x01, 0x41, ...encodeSigned(FUEL_AT_START), 0x0b]);
      seen += 1;
    }
    if (id === SECTION.export) {
      const name = new TextEncoder().encode(FUEL_EXPORT);
      content = withItem(section, [...encodeUnsigned(name.length), ...name, 0x03, ...encodeUnsigned(globalIndex)]);
      seen += 1;
    }
    if (id === SECTION.code) {
      content = instrumentCode(section, chargeOneUnit(globalIndex));
      seen += 1;
    }
    parts.push(Uint8Array.from([id, ...encodeUnsigned(content.length)]), content);
    skipBytes(reader, length);
  }
  if (seen !== 3) throw new WasmFormatError('the module has no globals, exports or code');
  return Buffer.concat(parts);
}

/** `if fuel == 0 then trap; fuel -= 1`. */
function chargeOneUnit(globalIndex: number): Uint8Array {
  const global = encodeUnsigned(globalIndex);
  const trapWhenEmpty = [0x23, ...global, 0x45, 0x04, 0x40, 0x00, 0x0b];
  return Uint8Array.from([...trapWhenEmpty, 0x23, ...global, 0x41, 0x01, 0x6b, 0x24, ...global]);
}

function instrumentCode(section: ByteReader, charge: Uint8Array): Uint8Array {
  const count = readUnsigned(section);
  const parts: Uint8Array[] = [Uint8Array.from(encodeUnsigned(count))];
  for (let index = 0; index < count; index += 1) {
    const length = readUnsigned(section);
    const body = instrumentBody(section, section.offset + length, charge);
    parts.push(Uint8Array.from(encodeUnsigned(body.length)), body);
  }
  return Buffer.concat(parts);
}

function instrumentBody(section: ByteReader, end: number, charge: Uint8Array): Uint8Array {
  let copiedTo = section.offset;
  const parts: Uint8Array[] = [];
  const insertHere = () => {
    parts.push(section.bytes.subarray(copiedTo, section.offset), charge);
    copiedTo = section.offset;
  };
  for (let left = readUnsigned(section); left > 0; left -= 1) {
    skipInteger(section);
    skipBytes(section, 1);
  }
  insertHere();
  while (section.offset < end) {
    if (skipInstruction(section) === LOOP) insertHere();
  }
  parts.push(section.bytes.subarray(copiedTo, end));
  return Buffer.concat(parts);
}

/** The section's content with one more item at the end of its vector. */
function withItem(section: ByteReader, item: readonly number[]): Uint8Array {
  const count = readUnsigned(section);
  const items = section.bytes.subarray(section.offset);
  return Buffer.concat([Uint8Array.from(encodeUnsigned(count + 1)), items, Uint8Array.from(item)]);
}

function countImportedGlobals(section: ByteReader): number {
  let globals = 0;
  for (let left = readUnsigned(section); left > 0; left -= 1) {
    skipName(section);
    skipName(section);
    const kind = readByte(section);
    if (kind === 0x03) globals += 1;
    if (kind === 0x00) skipInteger(section);
    else if (kind === 0x03) skipBytes(section, 2);
    else skipTableOrMemory(section, kind);
  }
  return globals;
}

function skipTableOrMemory(section: ByteReader, kind: number): void {
  if (kind === 0x01) skipBytes(section, 1);
  const hasMaximum = (readByte(section) & 1) === 1;
  skipInteger(section);
  if (hasMaximum) skipInteger(section);
}

function encodeSigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest);
  return bytes;
}
