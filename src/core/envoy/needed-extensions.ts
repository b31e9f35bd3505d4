import { byCodeUnit } from '../base/text-order.ts';
import type { EnvoyResource } from './resource.ts';

const PREFIX = 'type.googleapis.com/';
const PREFIX_BYTES = Array.from(PREFIX, (character) => character.charCodeAt(0));
/** Field 1 of google.protobuf.Any, length-delimited: its type URL. */
const TYPE_URL_TAG = 0x0a;
/** A length below this takes one byte, one below its square two. */
const VARINT_BASE = 0x80;

/**
 * The extensions that a proxy must have compiled in for these resources, by the full names of the messages that
 * configure them, sorted: `envoy.extensions.filters.http.router.v3.Router`. It is what Envoy lists as `type_urls` in
 * `node.extensions`. Read from the bytes, so that nothing that is generated can be forgotten here.
 */
export function neededExtensions(resources: readonly Pick<EnvoyResource, 'bytes'>[]): string[] {
  const found = new Set<string>();
  for (const { bytes } of resources) addPackedTypes(bytes, found);
  return [...found].sort(byCodeUnit);
}

/** Finds each message packed in an Any, however deep: a type URL with its tag and its length before it. */
function addPackedTypes(bytes: Uint8Array, found: Set<string>): void {
  for (let at = bytes.indexOf(TYPE_URL_TAG); at !== -1; at = bytes.indexOf(TYPE_URL_TAG, at + 1)) {
    const low = bytes[at + 1] ?? 0;
    const isLong = low >= VARINT_BASE;
    const start = at + (isLong ? 3 : 2);
    const length = isLong ? low - VARINT_BASE + VARINT_BASE * (bytes[at + 2] ?? 0) : low;
    if (length <= PREFIX.length || !PREFIX_BYTES.every((byte, index) => bytes[start + index] === byte)) continue;
    found.add(String.fromCharCode(...bytes.subarray(start + PREFIX.length, start + length)));
  }
}
