import { decodeText } from '../../core/exchange/codec/decode-text.ts';
import { type Cursor, lengthDelimited, readEnd, readTag, skipField } from '../../core/exchange/codec/wire-reader.ts';
import type { Compared, KeptVersions } from '../../core/xds/kept-versions.ts';
import { findEntry, type VersionTable } from '../../core/xds/version-table.ts';

/** `initial_resource_versions` as it came: compared as bytes, and read only as far as it differs. */
export class WireVersions implements KeptVersions {
  readonly #bytes: Uint8Array;
  /** Start and end of each map entry. */
  readonly #ranges: Int32Array;
  #read: ReadonlyMap<string, string> | undefined;

  constructor(bytes: Uint8Array, ranges: Int32Array) {
    this.#bytes = bytes;
    this.#ranges = ranges;
  }

  get size(): number {
    return this.#ranges.length / 2;
  }

  has(name: string): boolean {
    return this.#map().has(name);
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#map()[Symbol.iterator]();
  }

  compare(table: VersionTable): Compared {
    const seen = new Uint8Array(table.starts.length);
    const request = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const others: [string, string][] = [];
    let current = 0;
    for (let index = 0; index < this.#ranges.length; index += 2) {
      const start = this.#ranges[index] as number;
      const end = this.#ranges[index + 1] as number;
      const found = findEntry(table, request, start, end);
      if (found < 0) others.push(entryAt(this.#bytes, start, end));
      else if (seen[found] === 0) {
        seen[found] = 1;
        current += 1;
      }
    }
    return { current, others };
  }

  #map(): ReadonlyMap<string, string> {
    if (this.#read !== undefined) return this.#read;
    const entries: [string, string][] = [];
    for (let index = 0; index < this.#ranges.length; index += 2) {
      entries.push(entryAt(this.#bytes, this.#ranges[index] as number, this.#ranges[index + 1] as number));
    }
    this.#read = new Map(entries);
    return this.#read;
  }
}

function entryAt(bytes: Uint8Array, start: number, end: number): [string, string] {
  const cursor: Cursor = { bytes, at: start, fault: undefined };
  const entry: [string, string] = ['', ''];
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag !== lengthDelimited(1) && tag !== lengthDelimited(2)) {
      skipField(cursor, tag, end);
      continue;
    }
    const textEnd = readEnd(cursor, end);
    entry[tag === lengthDelimited(1) ? 0 : 1] = decodeText(bytes, cursor.at, textEnd);
    cursor.at = textEnd;
  }
  return entry;
}
