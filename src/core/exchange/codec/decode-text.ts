const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Above this one call of the native decoder is cheaper than a loop over the bytes. */
const LOOP_BYTES_MAX = 24;

/** UTF-8 text of a byte range; what is no UTF-8 becomes U+FFFD, so that every string is well-formed. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LOOP_BYTES_MAX) return utf8.decode(bytes.subarray(start, end));
  const codes: number[] = [];
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end));
    codes.push(byte);
  }
  return String.fromCharCode.apply(null, codes);
}
