import type { TypeSnapshot } from './snapshot.ts';

/**
 * Names and versions of a type's resources as they stand in a request's `initial_resource_versions`: the bytes of each
 * map entry, found by a hash. A fleet that reconnects lists every resource for every proxy, so they are compared as bytes
 * and no text is made of them.
 */
export interface VersionTable {
  readonly entries: DataView;
  /** Where each entry begins in `entries`, and where the last one ends. */
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

/** The index of the entry that stands in a range of a request, -1 where it is none of the table's. */
export function findEntry(table: VersionTable, request: DataView, start: number, end: number): number {
  if (end - start < ENTRY_BYTES_MIN) return -1;
  const { slots, starts } = table;
  const mask = slots.length - 1;
  for (let slot = hashOf(request, start, end) & mask; ; slot = (slot + 1) & mask) {
    const index = slots[slot] as number;
    if (index < 0) return -1;
    const from = starts[index] as number;
    if ((starts[index + 1] as number) - from === end - start && isSame(table.entries, from, request, start, end))
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
  for (const [index, entry] of entries.entries()) bytes.set(entry, starts[index]);
  const view = new DataView(bytes.buffer);
  let size = 4;
  while (size < entries.length * 2) size *= 2;
  const slots = new Int32Array(size).fill(-1);
  for (let index = 0; index < entries.length; index += 1) {
    let slot = hashOf(view, starts[index] as number, starts[index + 1] as number) & (size - 1);
    while (slots[slot] !== -1) slot = (slot + 1) & (size - 1);
    slots[slot] = index;
  }
  return { entries: view, starts, slots };
}

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** Two tags and two lengths. */
const ENTRY_BYTES_MIN = 4;

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
function hashOf(view: DataView, start: number, end: number): number {
  const nameEnd = start + 2 + view.getUint8(start + 1);
  const name = nameEnd - 4 >= start && nameEnd <= end ? view.getInt32(nameEnd - 4, true) : 0;
  const hash = Math.imul(view.getInt32(end - 4, true), 0x9e37_79b1) ^ Math.imul(name, 0x85eb_ca6b);
  return (hash ^ (hash >>> 15)) + end - start;
}

/** Eight bytes at a time, and then one by one. */
function isSame(left: DataView, from: number, right: DataView, start: number, end: number): boolean {
  let at = start;
  let other = from;
  for (; at + 8 <= end; at += 8, other += 8) {
    if (left.getBigInt64(other, true) !== right.getBigInt64(at, true)) return false;
  }
  for (; at < end; at += 1, other += 1) if (left.getUint8(other) !== right.getUint8(at)) return false;
  return true;
}
