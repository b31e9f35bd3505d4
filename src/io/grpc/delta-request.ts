import { decodeText } from '../../core/exchange/codec/decode-text.ts';
import { type Cursor, lengthDelimited, readEnd, readTag, skipField } from '../../core/exchange/codec/wire-reader.ts';
import type { DeltaRequest } from '../../core/xds/stream.ts';
import { RangeList } from './range-list.ts';
import { RequestCache } from './request-cache.ts';
import { MalformedRequest } from './request-node.ts';
import { WireVersions } from './wire-versions.ts';

/** Fields of DeltaDiscoveryRequest; all that we read are length-delimited. */
const FIELD = { typeUrl: 2, subscribe: 3, unsubscribe: 4, nonce: 6, error: 7 } as const;

const VERSIONS_TAG = lengthDelimited(5);
/** From here on a length takes more bytes than one. */
const LONG_LENGTH = 128;

/** Used for one request at a time: thousands of places in an array that is not made anew. */
const versionRanges = new RangeList();

/** google.rpc.Status.message. */
const STATUS_MESSAGE = 2;

const NOTHING_KEPT: ReadonlyMap<string, string> = new Map();

/**
 * Reads a DeltaDiscoveryRequest but for its node: without a schema, since a fleet that reconnects sends thousands of names
 * and versions for each proxy. Throws on bytes that are none.
 */
export function decodeDeltaRequest(message: Uint8Array): DeltaRequest {
  // No Buffer: loops over arrays of one class are several times faster.
  const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
  const ranges = rangesOf(bytes);
  const texts = (field: number) => textsAt(bytes, ranges.get(field) ?? []);
  const [start, end] = ranges.get(FIELD.error)?.slice(-2) ?? [];
  return {
    typeUrl: texts(FIELD.typeUrl).at(-1) ?? '',
    nonce: texts(FIELD.nonce).at(-1) ?? '',
    subscribe: subscribedNames(bytes, ranges.get(FIELD.subscribe) ?? []),
    unsubscribe: texts(FIELD.unsubscribe),
    initialVersions: versionRanges.size === 0 ? NOTHING_KEPT : new WireVersions(bytes, versionRanges.copy()),
    ...(start === undefined || end === undefined ? {} : { error: statusMessage(bytes, start, end) }),
  };
}

/** Where each field stands, but for those that go to `versionRanges`. */
function rangesOf(bytes: Uint8Array): ReadonlyMap<number, readonly number[]> {
  const ranges = new Map<number, number[]>();
  versionRanges.clear();
  const cursor: Cursor = { bytes, at: 0, fault: undefined };
  while (cursor.at < bytes.length) {
    cursor.at = passVersions(bytes, cursor.at);
    if (cursor.at === bytes.length) break;
    const tag = readTag(cursor, bytes.length);
    if ((tag & 7) === 2) {
      const end = readEnd(cursor, bytes.length);
      if (tag === VERSIONS_TAG) versionRanges.add(cursor.at, end);
      else note(ranges, tag >>> 3, cursor.at, end);
      cursor.at = end;
    } else skipField(cursor, tag, bytes.length);
  }
  if (cursor.fault !== undefined) throw new MalformedRequest(cursor.fault.reason);
  return ranges;
}

/** Goes over map entries with a length of one byte, which most fields of a large request are, and gives where they end. */
function passVersions(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === VERSIONS_TAG) {
    const start = at + 2;
    const length = bytes[at + 1] ?? LONG_LENGTH;
    if (length >= LONG_LENGTH || start + length > bytes.length) return at;
    at = start + length;
    versionRanges.add(start, at);
  }
  return at;
}

/** Start and end of each place where a field stands. */
function note(ranges: Map<number, number[]>, field: number, start: number, end: number): void {
  const known = ranges.get(field);
  if (known === undefined) ranges.set(field, [start, end]);
  else known.push(start, end);
}

const knownNames = new RequestCache<string[]>();

/** Below this, reading the names costs less than looking for them. */
const FEW_NAMES = 16;

/** The names that proxies of a fleet ask for are mostly the same, in one order, though other parts of the request differ. */
function subscribedNames(bytes: Uint8Array, ranges: readonly number[]): string[] {
  const [start] = ranges;
  const end = ranges.at(-1);
  if (start === undefined || end === undefined || ranges.length < 2 * FEW_NAMES) return textsAt(bytes, ranges);
  // With the tag or the length before the first name: the same bytes are then the same names.
  const whole = bytes.subarray(start - 2, end);
  const known = knownNames.find(whole);
  if (known !== undefined) return known;
  const names = textsAt(bytes, ranges);
  knownNames.keep(whole, names);
  return names;
}

function textsAt(bytes: Uint8Array, ranges: readonly number[]): string[] {
  const texts: string[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    texts.push(decodeText(bytes, ranges[index] as number, ranges[index + 1] as number));
  }
  return texts;
}

function statusMessage(bytes: Uint8Array, start: number, end: number): string {
  const cursor: Cursor = { bytes, at: start, fault: undefined };
  let message = '';
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag !== lengthDelimited(STATUS_MESSAGE)) {
      skipField(cursor, tag, end);
      continue;
    }
    const textEnd = readEnd(cursor, end);
    message = decodeText(bytes, cursor.at, textEnd);
    cursor.at = textEnd;
  }
  if (cursor.fault !== undefined) throw new MalformedRequest(cursor.fault.reason);
  return message;
}
