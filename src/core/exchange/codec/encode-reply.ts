import { assert } from '../../base/assert.ts';
import type {
  BodyEdit,
  BodySendMode,
  HeaderEdits,
  HeaderSendMode,
  ImmediateReply,
  ModeOverride,
  ProcessingReply,
} from '../messages.ts';
import { STREAMED_BODY_BYTES_MAX } from '../messages.ts';
import { writeStruct } from './encode-struct.ts';
import { lengthDelimited, varint } from './wire-reader.ts';
import {
  createWriter,
  type Writer,
  writeBytesField,
  writeHeader,
  writeTextField,
  writeVarintField,
  writtenBytes,
  writtenLength,
} from './wire-writer.ts';

/** envoy.service.ext_proc.v3.ProcessingResponse, oneof response. */
const PAYLOADS: { readonly [kind in ProcessingReply['kind']]: number } = {
  'request-headers': lengthDelimited(1),
  'response-headers': lengthDelimited(2),
  'request-body': lengthDelimited(3),
  'response-body': lengthDelimited(4),
  'request-trailers': lengthDelimited(5),
  'response-trailers': lengthDelimited(6),
  immediate: lengthDelimited(7),
};
const DYNAMIC_METADATA = lengthDelimited(8);
const MODE_OVERRIDE = lengthDelimited(9);

/** A ProcessingResponse as bytes. */
export function encodeProcessingReply(reply: ProcessingReply): Uint8Array {
  const writer = createWriter(expectedBytes(reply));
  writeProcessingReply(writer, reply);
  return writtenBytes(writer);
}

/** Room for a usual reply's headers and metadata. */
const SMALL_REPLY_BYTES = 512;

/** A first guess of the size, so that a body is not copied twice. */
export function expectedBytes(reply: ProcessingReply): number {
  if (reply.kind === 'immediate') return SMALL_REPLY_BYTES + reply.body.length;
  const bodyBytes = 'body' in reply && reply.body && reply.body.kind !== 'clear' ? reply.body.bytes.length : 0;
  return SMALL_REPLY_BYTES + bodyBytes + (reply.dynamicMetadata === undefined ? 0 : SMALL_REPLY_BYTES);
}

/** Writes the message in front of what the writer holds. */
export function writeProcessingReply(writer: Writer, reply: ProcessingReply): void {
  if (reply.dynamicMetadata !== undefined) {
    const before = writtenLength(writer);
    writeStruct(writer, reply.dynamicMetadata);
    writeHeader(writer, DYNAMIC_METADATA, before);
  }
  if ('modeOverride' in reply && reply.modeOverride !== undefined) writeModeOverride(writer, reply.modeOverride);
  const before = writtenLength(writer);
  writePayload(writer, reply);
  writeHeader(writer, PAYLOADS[reply.kind], before);
}

const COMMON_RESPONSE = lengthDelimited(1);
const TRAILERS_HEADER_MUTATION = lengthDelimited(1);

function writePayload(writer: Writer, reply: ProcessingReply): void {
  const before = writtenLength(writer);
  switch (reply.kind) {
    case 'request-headers':
    case 'response-headers':
      writeCommonResponse(writer, reply, reply.clearRouteCache, undefined);
      writeHeader(writer, COMMON_RESPONSE, before);
      break;
    case 'request-body':
    case 'response-body':
      writeCommonResponse(writer, reply, reply.clearRouteCache, reply.body);
      writeHeader(writer, COMMON_RESPONSE, before);
      break;
    case 'request-trailers':
    case 'response-trailers':
      writeHeaderMutation(writer, TRAILERS_HEADER_MUTATION, reply);
      break;
    case 'immediate':
      writeImmediate(writer, reply);
      break;
  }
}

const HEADER_MUTATION = lengthDelimited(2);
const BODY_MUTATION = lengthDelimited(3);
const CLEAR_ROUTE_CACHE = varint(5);

function writeCommonResponse(
  writer: Writer,
  edits: HeaderEdits,
  clearRouteCache: boolean | undefined,
  body: BodyEdit | undefined,
): void {
  if (clearRouteCache) writeVarintField(writer, CLEAR_ROUTE_CACHE, 1);
  if (body !== undefined) writeBodyMutation(writer, body);
  writeHeaderMutation(writer, HEADER_MUTATION, edits);
}

const BODY = lengthDelimited(1);
const CLEAR_BODY = varint(2);
const STREAMED_RESPONSE = lengthDelimited(3);
const STREAMED_BODY = lengthDelimited(1);
const STREAMED_END_OF_STREAM = varint(2);

function writeBodyMutation(writer: Writer, body: BodyEdit): void {
  const before = writtenLength(writer);
  switch (body.kind) {
    case 'replace':
      writeBytesField(writer, BODY, body.bytes);
      break;
    case 'clear':
      writeVarintField(writer, CLEAR_BODY, 1);
      break;
    case 'streamed':
      writeStreamed(writer, body.bytes, body.endOfStream);
      writeHeader(writer, STREAMED_RESPONSE, before);
      break;
  }
  writeHeader(writer, BODY_MUTATION, before);
}

function writeStreamed(writer: Writer, bytes: Uint8Array, endOfStream: boolean): void {
  assert(bytes.length <= STREAMED_BODY_BYTES_MAX, 'a streamed chunk is larger than Envoy takes');
  if (endOfStream) writeVarintField(writer, STREAMED_END_OF_STREAM, 1);
  if (bytes.length > 0) writeBytesField(writer, STREAMED_BODY, bytes);
}

const SET_HEADERS = lengthDelimited(1);
const REMOVE_HEADERS = lengthDelimited(2);
const OPTION_HEADER = lengthDelimited(1);
const OPTION_APPEND_ACTION = varint(3);
const OVERWRITE_IF_EXISTS_OR_ADD = 2;
const HEADER_KEY = lengthDelimited(1);
const HEADER_RAW_VALUE = lengthDelimited(3);

/** Nothing at all for no edits. Always `raw_value`: Envoy ignores `value`. */
function writeHeaderMutation(writer: Writer, tag: number, { setHeaders = [], removeHeaders = [] }: HeaderEdits): void {
  if (setHeaders.length === 0 && removeHeaders.length === 0) return;
  const before = writtenLength(writer);
  for (let index = removeHeaders.length - 1; index >= 0; index -= 1) {
    writeTextField(writer, REMOVE_HEADERS, removeHeaders[index] as string);
  }
  for (let index = setHeaders.length - 1; index >= 0; index -= 1) {
    const [name, value] = setHeaders[index] as readonly [string, string];
    const optionBefore = writtenLength(writer);
    writeVarintField(writer, OPTION_APPEND_ACTION, OVERWRITE_IF_EXISTS_OR_ADD);
    const headerBefore = writtenLength(writer);
    writeTextField(writer, HEADER_RAW_VALUE, value);
    writeTextField(writer, HEADER_KEY, name);
    writeHeader(writer, OPTION_HEADER, headerBefore);
    writeHeader(writer, SET_HEADERS, optionBefore);
  }
  writeHeader(writer, tag, before);
}

const IMMEDIATE_STATUS = lengthDelimited(1);
const IMMEDIATE_HEADERS = lengthDelimited(2);
const IMMEDIATE_BODY = lengthDelimited(3);
const IMMEDIATE_DETAILS = lengthDelimited(5);
const STATUS_CODE = varint(1);

function writeImmediate(writer: Writer, reply: ImmediateReply): void {
  assert(reply.status >= 200 && reply.status < 600, 'an immediate reply with a status that Envoy refuses');
  writeTextField(writer, IMMEDIATE_DETAILS, reply.details);
  writeTextField(writer, IMMEDIATE_BODY, reply.body);
  writeHeaderMutation(writer, IMMEDIATE_HEADERS, { setHeaders: reply.headers });
  const before = writtenLength(writer);
  writeVarintField(writer, STATUS_CODE, reply.status);
  writeHeader(writer, IMMEDIATE_STATUS, before);
}

const HEADER_SEND_MODES: { readonly [mode in HeaderSendMode]: number } = { DEFAULT: 0, SEND: 1, SKIP: 2 };
const BODY_SEND_MODES: { readonly [mode in BodySendMode]: number } = {
  NONE: 0,
  STREAMED: 1,
  BUFFERED: 2,
  BUFFERED_PARTIAL: 3,
  FULL_DUPLEX_STREAMED: 4,
  GRPC: 5,
};

/** envoy.extensions.filters.http.ext_proc.v3.ProcessingMode, with every mode written out. */
function writeModeOverride(writer: Writer, modes: ModeOverride): void {
  const before = writtenLength(writer);
  writeVarintField(writer, varint(6), HEADER_SEND_MODES[modes.responseTrailerMode]);
  writeVarintField(writer, varint(5), HEADER_SEND_MODES[modes.requestTrailerMode]);
  writeVarintField(writer, varint(4), BODY_SEND_MODES[modes.responseBodyMode]);
  writeVarintField(writer, varint(3), BODY_SEND_MODES[modes.requestBodyMode]);
  writeVarintField(writer, varint(2), HEADER_SEND_MODES[modes.responseHeaderMode]);
  writeVarintField(writer, varint(1), HEADER_SEND_MODES[modes.requestHeaderMode]);
  writeHeader(writer, MODE_OVERRIDE, before);
}
