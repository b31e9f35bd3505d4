/** A WebAssembly module that cannot be read: not a module, or one with parts that OPA's compiler does not emit. */
export class WasmFormatError extends Error {
  override readonly name = 'WasmFormatError';
  readonly code = 'wasm-format';
}

/** Reads a module front to back. All integers are LEB128 (WebAssembly core specification, section 5.2.2). */
export interface ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
}

export function readByte(reader: ByteReader): number {
  const byte = reader.bytes[reader.offset];
  if (byte === undefined) throw new WasmFormatError('the module ends early');
  reader.offset += 1;
  return byte;
}

/** An unsigned integer of 32 bits. */
export function readUnsigned(reader: ByteReader): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 5; count += 1) {
    const byte = readByte(reader);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw new WasmFormatError('an integer is longer than 32 bits');
}

/** Passes over one LEB128 integer of any width up to 64 bits. */
export function skipInteger(reader: ByteReader): void {
  for (let count = 0; count < 10; count += 1) {
    if (readByte(reader) < 0x80) return;
  }
  throw new WasmFormatError('an integer is longer than 64 bits');
}

export function skipBytes(reader: ByteReader, count: number): void {
  reader.offset += count;
  if (reader.offset > reader.bytes.length) throw new WasmFormatError('the module ends early');
}

export function skipName(reader: ByteReader): void {
  skipBytes(reader, readUnsigned(reader));
}

export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}
