import { type Cursor, lengthDelimited, readEnd, readTag, skipField } from '../../core/exchange/codec/wire-reader.ts';

/** A discovery request in two parts: who asks, and what; each again an encoded message, the node one of its own. */
export interface RequestParts {
  readonly node: Uint8Array | undefined;
  readonly rest: Uint8Array;
}

/**
 * The same where the node is the first field, without a look at the others: only for a comparison with a request that is
 * known to have no node. Undefined where another field is the first.
 */
export function withoutLeadingNode(bytes: Uint8Array, field: number): RequestParts | undefined {
  const cursor: Cursor = { bytes, at: 0, fault: undefined };
  if (bytes.length === 0 || readTag(cursor, bytes.length) !== lengthDelimited(field)) return undefined;
  const end = readEnd(cursor, bytes.length);
  return cursor.fault === undefined ? { node: bytes.subarray(cursor.at, end), rest: bytes.subarray(end) } : undefined;
}

/** Takes the node, a field of the given number, out of a request. Throws on bytes that are no message. */
export function withoutNode(bytes: Uint8Array, field: number): RequestParts {
  const cursor: Cursor = { bytes, at: 0, fault: undefined };
  let node: Uint8Array | undefined;
  const rest: Uint8Array[] = [];
  let from = 0;
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const tag = readTag(cursor, bytes.length);
    if (tag !== lengthDelimited(field)) {
      skipField(cursor, tag, bytes.length);
      continue;
    }
    const end = readEnd(cursor, bytes.length);
    // A field that comes twice, which no client of ours does, counts as the last of them.
    node = bytes.subarray(cursor.at, end);
    rest.push(bytes.subarray(from, start));
    cursor.at = end;
    from = end;
  }
  if (cursor.fault !== undefined) throw new MalformedRequest(cursor.fault.reason);
  if (node === undefined) return { node, rest: bytes };
  rest.push(bytes.subarray(from));
  const parts = rest.filter((part) => part.length > 0);
  return { node, rest: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) };
}

/** Bytes that are no discovery request. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly code = 'xds-malformed-request';
}
