import { failed, ok, type Result } from '../../base/result.ts';
import { type HeaderList, NO_HEADERS } from '../header-list.ts';
import type { Attributes, ForwardedMetadata, MessageContext, ProcessingRequest, ProtocolConfig } from '../messages.ts';
import { decodeAttributes, decodeMetadata, decodeProtocolConfig } from './decode-context.ts';
import { type Cursor, fail, lengthDelimited, readEnd, readTag, readVarint, skipField, varint } from './wire-reader.ts';

/** Bytes that are no ProcessingRequest: `reason` says what was wrong at which byte `offset`. */
export interface MalformedRequest {
  readonly code: 'ext-proc-malformed';
  readonly reason: string;
  readonly offset: number;
}

/** Envoy's own limit is 100 headers by default; a message with more than this is not from it. */
const HEADERS_MAX = 1024;

const NO_ATTRIBUTES: Attributes = {};
const NO_METADATA: ForwardedMetadata = { untyped: {} };

/** The payload's tag → its kind: envoy.service.ext_proc.v3.ProcessingRequest, oneof request. */
const KINDS: { readonly [tag: number]: ProcessingRequest['kind'] } = {
  [lengthDelimited(2)]: 'request-headers',
  [lengthDelimited(3)]: 'response-headers',
  [lengthDelimited(4)]: 'request-body',
  [lengthDelimited(5)]: 'response-body',
  [lengthDelimited(6)]: 'request-trailers',
  [lengthDelimited(7)]: 'response-trailers',
};
const METADATA_CONTEXT = lengthDelimited(8);
const ATTRIBUTES = lengthDelimited(9);
const PROTOCOL_CONFIG = lengthDelimited(11);

/** A ProcessingRequest from its bytes. The body and the headers stay views of `bytes`; unknown fields are skipped. */
export function decodeProcessingRequest(bytes: Uint8Array): Result<ProcessingRequest, MalformedRequest> {
  const cursor: Cursor = { bytes, at: 0, fault: undefined };
  const end = bytes.length;
  let kind: ProcessingRequest['kind'] | undefined;
  let payloadStart = 0;
  let payloadEnd = 0;
  let attributes = NO_ATTRIBUTES;
  let metadata = NO_METADATA;
  let protocolConfig: ProtocolConfig | undefined;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    const payloadKind = KINDS[tag];
    if (payloadKind !== undefined) {
      kind = payloadKind;
      payloadEnd = readEnd(cursor, end);
      payloadStart = cursor.at;
      cursor.at = payloadEnd;
    } else if (tag === METADATA_CONTEXT) metadata = decodeMetadata(cursor, readEnd(cursor, end));
    else if (tag === ATTRIBUTES) attributes = { ...attributes, ...decodeAttributes(cursor, readEnd(cursor, end)) };
    else if (tag === PROTOCOL_CONFIG) protocolConfig = decodeProtocolConfig(cursor, readEnd(cursor, end));
    else skipField(cursor, tag, end);
  }
  if (cursor.fault) return failed(malformed(cursor.fault));
  if (kind === undefined) return failed(malformed({ reason: 'no-payload', offset: end }));
  const context: MessageContext =
    protocolConfig === undefined ? { attributes, metadata } : { attributes, metadata, protocolConfig };
  const payload: Cursor = { bytes, at: payloadStart, fault: undefined };
  const message = decodePayload(kind, payload, payloadEnd, context);
  return payload.fault ? failed(malformed(payload.fault)) : ok(message);
}

function malformed(fault: { reason: string; offset: number }): MalformedRequest {
  return { code: 'ext-proc-malformed', reason: fault.reason, offset: fault.offset };
}

function decodePayload(
  kind: ProcessingRequest['kind'],
  cursor: Cursor,
  end: number,
  context: MessageContext,
): ProcessingRequest {
  switch (kind) {
    case 'request-headers':
    case 'response-headers': {
      const payload = decodeHttpHeaders(cursor, end);
      return { kind, headers: payload.headers, endOfStream: payload.endOfStream, ...context };
    }
    case 'request-body':
    case 'response-body': {
      const payload = decodeHttpBody(cursor, end);
      return { kind, body: payload.body, endOfStream: payload.endOfStream, ...context };
    }
    case 'request-trailers':
    case 'response-trailers':
      return { kind, trailers: decodeHttpTrailers(cursor, end), ...context };
  }
}

const HEADERS = lengthDelimited(1);
const HEADERS_END_OF_STREAM = varint(3);

function decodeHttpHeaders(cursor: Cursor, end: number): { headers: HeaderList; endOfStream: boolean } {
  let headers = NO_HEADERS;
  let endOfStream = false;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === HEADERS) headers = decodeHeaderMap(cursor, readEnd(cursor, end));
    else if (tag === HEADERS_END_OF_STREAM) endOfStream = readVarint(cursor, end) !== 0;
    else skipField(cursor, tag, end);
  }
  return { headers, endOfStream };
}

const BODY = lengthDelimited(1);
const BODY_END_OF_STREAM = varint(2);

function decodeHttpBody(cursor: Cursor, end: number): { body: Uint8Array; endOfStream: boolean } {
  let body = NO_HEADERS.bytes;
  let endOfStream = false;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === BODY) {
      const bodyEnd = readEnd(cursor, end);
      body = cursor.bytes.subarray(cursor.at, bodyEnd);
      cursor.at = bodyEnd;
    } else if (tag === BODY_END_OF_STREAM) endOfStream = readVarint(cursor, end) !== 0;
    else skipField(cursor, tag, end);
  }
  return { body, endOfStream };
}

const TRAILERS = lengthDelimited(1);

function decodeHttpTrailers(cursor: Cursor, end: number): HeaderList {
  let trailers = NO_HEADERS;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === TRAILERS) trailers = decodeHeaderMap(cursor, readEnd(cursor, end));
    else skipField(cursor, tag, end);
  }
  return trailers;
}

const HEADER = lengthDelimited(1);

function decodeHeaderMap(cursor: Cursor, end: number): HeaderList {
  const spans: number[] = [];
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === HEADER) readHeader(cursor, readEnd(cursor, end), spans);
    else skipField(cursor, tag, end);
  }
  if (spans.length > HEADERS_MAX * 4) fail(cursor, 'too-many-headers');
  return { bytes: cursor.bytes, spans };
}

const KEY = lengthDelimited(1);
const RAW_VALUE = lengthDelimited(3);

/** envoy.config.core.v3.HeaderValue: Envoy fills `raw_value`, never `value`. */
function readHeader(cursor: Cursor, end: number, spans: number[]): void {
  let nameStart = cursor.at;
  let nameEnd = nameStart;
  let valueStart = nameStart;
  let valueEnd = nameStart;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === KEY) {
      nameEnd = readEnd(cursor, end);
      nameStart = cursor.at;
      cursor.at = nameEnd;
    } else if (tag === RAW_VALUE) {
      valueEnd = readEnd(cursor, end);
      valueStart = cursor.at;
      cursor.at = valueEnd;
    } else skipField(cursor, tag, end);
  }
  spans.push(nameStart, nameEnd, valueStart, valueEnd);
}
