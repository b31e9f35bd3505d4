import { shortAsciiText } from '../../base/short-ascii-text.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 text of a byte range; what is no UTF-8 becomes U+FFFD, so that every string is well-formed. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return shortAsciiText(bytes, start, end) ?? utf8.decode(bytes.subarray(start, end));
}
