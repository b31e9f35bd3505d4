/**
 * Writing the protobuf wire format from the last byte to the first: when a message's header is written its length is known,
 * so nothing is measured in advance and nothing moved.
 */
export interface Writer {
  bytes: Uint8Array;
  /** Index of the first byte written so far. */
  at: number;
  /** Index behind the last byte. */
  end: number;
}

/** Small messages share an allocation, as allocating one array each costs more than writing it. */
const SLAB_BYTES = 64 * 1024;
/** Larger ones would waste a slab's rest and keep it alive for long. */
const SLAB_SHARE_BYTES_MAX = 8 * 1024;

let slab = new Uint8Array(SLAB_BYTES);
let slabFree = SLAB_BYTES;

/** A writer with room for `bytesExpected`; it grows when that was too little. One at a time: finish it with `writtenBytes`. */
export function createWriter(bytesExpected: number): Writer {
  if (bytesExpected > SLAB_SHARE_BYTES_MAX) {
    return { bytes: new Uint8Array(bytesExpected), at: bytesExpected, end: bytesExpected };
  }
  if (slabFree < bytesExpected) {
    slab = new Uint8Array(SLAB_BYTES);
    slabFree = SLAB_BYTES;
  }
  return { bytes: slab, at: slabFree, end: slabFree };
}

/** What was written, without a copy. The writer is of no more use. */
export function writtenBytes(writer: Writer): Uint8Array {
  if (writer.bytes === slab) slabFree = writer.at;
  return writer.bytes.subarray(writer.at, writer.end);
}

/** How much was written: take it before and after a message's fields to know the message's length. */
export function writtenLength(writer: Writer): number {
  return writer.end - writer.at;
}

function reserve(writer: Writer, byteCount: number): void {
  if (writer.at >= byteCount) return;
  const writtenCount = writtenLength(writer);
  const grown = new Uint8Array((writtenCount + byteCount) * 2);
  const at = grown.length - writtenCount;
  grown.set(writer.bytes.subarray(writer.at, writer.end), at);
  writer.bytes = grown;
  writer.at = at;
  writer.end = grown.length;
}

/** A non-negative integer below 2^32. */
function writeVarint(writer: Writer, value: number): void {
  if (value < 0x80 && writer.at > 0) {
    writer.at -= 1;
    writer.bytes[writer.at] = value;
    return;
  }
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
