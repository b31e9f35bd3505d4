/**
 * Writing the protobuf wire format from the last byte to the first: when a message's header is written its length is known,
 * so nothing is measured in advance and nothing moved.
 */
export interface Writer {
  bytes: Uint8Array;
  /** Index of the first byte written so far. */
  at: number;
}

/** A writer with room for `bytesExpected`; it grows when that was too little. */
export function createWriter(bytesExpected: number): Writer {
  return { bytes: new Uint8Array(bytesExpected), at: bytesExpected };
}

/** What was written, without a copy. */
export function writtenBytes(writer: Writer): Uint8Array {
  return writer.bytes.subarray(writer.at);
}

/** How much was written: take it before and after a message's fields to know the message's length. */
export function writtenLength(writer: Writer): number {
  return writer.bytes.length - writer.at;
}

function reserve(writer: Writer, byteCount: number): void {
  if (writer.at >= byteCount) return;
  const written = writtenBytes(writer);
  const grown = new Uint8Array(Math.max(writer.bytes.length * 2, written.length + byteCount));
  writer.at = grown.length - written.length;
  grown.set(written, writer.at);
  writer.bytes = grown;
}

/** A non-negative integer below 2^32. */
export function writeVarint(writer: Writer, value: number): void {
  let byteCount = 1;
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) byteCount += 1;
  reserve(writer, byteCount);
  writer.at -= byteCount;
  let rest = value;
  for (let index = 0; index < byteCount - 1; index += 1) {
    writer.bytes[writer.at + index] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  writer.bytes[writer.at + byteCount - 1] = rest;
}

/** Closes a length-delimited field (see `lengthDelimited`) whose content was written since the length was `lengthBefore`. */
export function writeHeader(writer: Writer, tag: number, lengthBefore: number): void {
  writeVarint(writer, writtenLength(writer) - lengthBefore);
  writeVarint(writer, tag);
}

export function writeVarintField(writer: Writer, tag: number, value: number): void {
  writeVarint(writer, value);
  writeVarint(writer, tag);
}

export function writeRaw(writer: Writer, raw: Uint8Array): void {
  reserve(writer, raw.length);
  writer.at -= raw.length;
  writer.bytes.set(raw, writer.at);
}

export function writeBytesField(writer: Writer, tag: number, value: Uint8Array): void {
  writeRaw(writer, value);
  writeVarint(writer, value.length);
  writeVarint(writer, tag);
}

const utf8 = new TextEncoder();

/** Above this one call of the native encoder is cheaper than a loop over the characters. */
const LOOP_CHARACTERS_MAX = 64;

/** A text as UTF-8; a lone surrogate becomes U+FFFD. */
export function writeTextField(writer: Writer, tag: number, value: string): void {
  if (value.length <= LOOP_CHARACTERS_MAX && writeAscii(writer, value)) {
    writeVarint(writer, value.length);
    writeVarint(writer, tag);
  } else writeBytesField(writer, tag, utf8.encode(value));
}

/** Writes nothing that counts, and says false, when a character is not ASCII. */
function writeAscii(writer: Writer, value: string): boolean {
  reserve(writer, value.length);
  const { bytes } = writer;
  const start = writer.at - value.length;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code >= 0x80) return false;
    bytes[start + index] = code;
  }
  writer.at = start;
  return true;
}

export function writeDoubleField(writer: Writer, tag: number, value: number): void {
  reserve(writer, 8);
  writer.at -= 8;
  new DataView(writer.bytes.buffer, writer.at, 8).setFloat64(0, value, true);
  writeVarint(writer, tag);
}
