/** Above this one call of the native decoder is cheaper than a loop over the bytes. */
const BYTES_MAX = 16;

/** The text of a short range of bytes that are all ASCII; undefined for any other range. */
export function shortAsciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > BYTES_MAX) return undefined;
  const codes: number[] = [];
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte >= 0x80) return undefined;
    codes.push(byte);
  }
  return String.fromCharCode.apply(null, codes);
}
