import type { TypeSnapshot } from './snapshot.ts';

/**
 * Names and versions of a type's resources as they stand in a request's `initial_resource_versions`: the bytes of each
 * map entry, found by a hash. A fleet that reconnects lists every resource for every proxy, so they are compared as bytes
 * and no text is made of them.
 */
export interface VersionTable {
  readonly bytes: Uint8Array;
  /** Where each entry begins in `bytes`, and where the last one ends. */
  readonly starts: Int32Array;
  /** Indices of entries by hash, with linear probing; -1 where there is none. A power of two. */
  readonly slots: Int32Array;
}

const tables = new WeakMap<TypeSnapshot, VersionTable>();

/** Made once for each snapshot that a client is compared with. */
export function versionTable(type: TypeSnapshot): VersionTable {
  const known = tables.get(type);
  if (known !== undefined) return known;
  const table = tableOf(type);
  tables.set(type, table);
  return table;
}

/** The index of the entry that stands in a range of bytes, -1 where it is none of the table's. */
export function findEntry(table: VersionTable, bytes: Uint8Array, start: number, end: number): number {
  const { slots, starts } = table;
  const mask = slots.length - 1;
  for (let slot = hashOf(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
    const index = slots[slot] as number;
    if (index < 0) return -1;
    const from = starts[index] as number;
    if ((starts[index + 1] as number) - from === end - start && isSame(table.bytes, from, bytes, start, end))
      return index;
  }
}

function tableOf(type: TypeSnapshot): VersionTable {
  const utf8 = new TextEncoder();
  const entries = type.log.flatMap(({ name, resource }) =>
    resource === undefined ? [] : [entryBytes(utf8.encode(name), utf8.encode(resource.version))],
  );
  const starts = new Int32Array(entries.length + 1);
  for (const [index, entry] of entries.entries()) starts[index + 1] = (starts[index] as number) + entry.length;
  const bytes = new Uint8Array(starts[entries.length] as number);
  let size = 4;
  while (size < entries.length * 2) size *= 2;
  const slots = new Int32Array(size).fill(-1);
  for (const [index, entry] of entries.entries()) {
    bytes.set(entry, starts[index]);
    let slot = hashOf(entry, 0, entry.length) & (size - 1);
    while (slots[slot] !== -1) slot = (slot + 1) & (size - 1);
    slots[slot] = index;
  }
  return { bytes, starts, slots };
}

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** An entry of a `map<string, string>` on the wire: key and value as fields 1 and 2. */
function entryBytes(name: Uint8Array, version: Uint8Array): Uint8Array {
  const parts = [KEY_TAG, ...varint(name.length), ...name, VALUE_TAG, ...varint(version.length), ...version];
  return Uint8Array.from(parts);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/**
 * The last bytes of the version, which is a hash mostly, and of the name, which tells apart what has one version. The
 * name follows its tag and its length, of one byte for names of usual length.
 */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  const nameEnd = start + 2 + (bytes[start + 1] as number);
  const hash = Math.imul(lastFour(bytes, end), 0x9e37_79b1) ^ Math.imul(lastFour(bytes, nameEnd), 0x85eb_ca6b);
  return (hash ^ (hash >>> 15)) + end - start;
}

/** What lies outside of the bytes counts as 0. */
function lastFour(bytes: Uint8Array, end: number): number {
  const at = (index: number) => bytes[index] ?? 0;
  return at(end - 1) | (at(end - 2) << 8) | (at(end - 3) << 16) | (at(end - 4) << 24);
}

function isSame(left: Uint8Array, from: number, right: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (left[from + at - start] !== right[at]) return false;
  return true;
}
