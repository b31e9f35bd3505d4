import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Why an Envoy binary did not give its descriptors. */
export type DescriptorReadCode = 'unreadable' | 'not-elf64' | 'no-section' | 'malformed';

/** A binary whose descriptors cannot be read: not an Envoy, not Linux, or built in a way that we do not know. */
export class DescriptorReadError extends Error {
  override readonly name = 'DescriptorReadError';
  readonly code: DescriptorReadCode;

  constructor(message: string, { code, cause }: { readonly code: DescriptorReadCode; readonly cause?: unknown }) {
    super(message, { cause });
    this.code = code;
  }
}

const FILE_HEADER_BYTES = 64;
const SECTION_HEADER_BYTES = 64;
/** ELF files of today hold below a hundred sections; the bound keeps a damaged header from asking for gigabytes. */
const SECTIONS_MAX = 65_536;
/** Envoy 1.40 has 0.7 MB of descriptors. */
const SECTION_BYTES_MAX = 256 * 1024 ** 2;

/**
 * The bytes of one named section of a 64-bit little-endian ELF file; reads the section table and the section only.
 * Throws DescriptorReadError.
 */
export function readElfSection(path: string, name: string): Uint8Array {
  const file = openOrThrow(path);
  try {
    const size = fstatSync(file).size;
    const header = readAt(file, 0, Math.min(FILE_HEADER_BYTES, size));
    const isElf64LittleEndian =
      header.length === FILE_HEADER_BYTES &&
      header.readUInt32BE(0) === 0x7f454c46 &&
      header[4] === 2 &&
      header[5] === 1;
    if (!isElf64LittleEndian)
      throw new DescriptorReadError(`${path} is not a 64-bit little-endian ELF file`, { code: 'not-elf64' });
    return findSection(file, path, header, name);
  } finally {
    closeSync(file);
  }
}

function findSection(file: number, path: string, header: Buffer, name: string): Uint8Array {
  const tableAt = Number(header.readBigUInt64LE(0x28));
  const entryBytes = header.readUInt16LE(0x3a);
  const count = header.readUInt16LE(0x3c);
  const namesIndex = header.readUInt16LE(0x3e);
  if (entryBytes !== SECTION_HEADER_BYTES || count > SECTIONS_MAX || namesIndex >= count) {
    throw new DescriptorReadError(`${path} has a damaged section table`, { code: 'malformed' });
  }
  const table = readAt(file, tableAt, count * SECTION_HEADER_BYTES);
  const section = (index: number) => {
    const entry = table.subarray(index * SECTION_HEADER_BYTES, (index + 1) * SECTION_HEADER_BYTES);
    return {
      nameAt: entry.readUInt32LE(0),
      at: Number(entry.readBigUInt64LE(0x18)),
      bytes: Number(entry.readBigUInt64LE(0x20)),
    };
  };
  const names = section(namesIndex);
  const nameBytes = readAt(file, names.at, Math.min(names.bytes, SECTION_BYTES_MAX));
  for (let index = 0; index < count; index += 1) {
    const candidate = section(index);
    const end = nameBytes.indexOf(0, candidate.nameAt);
    if (nameBytes.toString('latin1', candidate.nameAt, end) !== name) continue;
    if (candidate.bytes > SECTION_BYTES_MAX)
      throw new DescriptorReadError(`section ${name} of ${path} is too large`, { code: 'malformed' });
    return readAt(file, candidate.at, candidate.bytes);
  }
  throw new DescriptorReadError(`${path} has no section ${name}: it is not a release build of Envoy`, {
    code: 'no-section',
  });
}

function openOrThrow(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new DescriptorReadError(`cannot open ${path}`, { code: 'unreadable', cause });
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const got = readSync(file, bytes, 0, length, position);
  if (got !== length)
    throw new DescriptorReadError(`the file ends at byte ${position + got}, inside a section`, { code: 'malformed' });
  return bytes;
}
