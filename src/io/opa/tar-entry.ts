import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const SIZE_FIELD = { start: 124, end: 136 } as const;
/** A bundle of the largest policies that we accept stays far below this. */
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * The content of one file of a gzipped POSIX tar archive with short names, which is what `opa build` writes;
 * undefined when it is not there.
 */
export function tarEntry(archive: Uint8Array, name: string): Uint8Array | undefined {
  const bytes = gunzipSync(archive, { maxOutputLength: ARCHIVE_BYTES_MAX });
  for (let offset = 0; offset + BLOCK_BYTES <= bytes.length; ) {
    const header = bytes.subarray(offset, offset + BLOCK_BYTES);
    const size = Number.parseInt(header.toString('latin1', SIZE_FIELD.start, SIZE_FIELD.end), 8) || 0;
    const start = offset + BLOCK_BYTES;
    if (header.toString('utf8', 0, header.indexOf(0)) === name) return bytes.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return undefined;
}
