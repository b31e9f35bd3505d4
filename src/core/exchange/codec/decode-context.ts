import type { Attributes, BodySendMode, ForwardedMetadata, ProtocolConfig, Struct, TokenUsage } from '../messages.ts';
import { decodeStruct, decodeValue, readMapEntry } from './decode-struct.ts';
import { decodeText } from './decode-text.ts';
import { type Cursor, fail, lengthDelimited, readEnd, readTag, readVarint, skipField, varint } from './wire-reader.ts';

const ATTRIBUTE_TYPES: ReadonlyMap<string, 'string' | 'number'> = new Map<keyof Attributes, 'string' | 'number'>([
  ['upstream.address', 'string'],
  ['upstream.request_attempt_count', 'number'],
  ['response.code_details', 'string'],
]);

/** An entry of ProcessingRequest.attributes that ends at `end`: whatever filter it is named after, it is the one we serve. */
export function decodeAttributes(cursor: Cursor, end: number): Attributes {
  const found: { [name: string]: unknown } = {};
  const filter = readMapEntry(cursor, end);
  if (cursor.fault) return found;
  cursor.at = filter.valueStart;
  while (cursor.at < filter.valueEnd) {
    const tag = readTag(cursor, filter.valueEnd);
    if (tag !== lengthDelimited(1)) {
      skipField(cursor, tag, filter.valueEnd);
      continue;
    }
    const entry = readMapEntry(cursor, readEnd(cursor, filter.valueEnd));
    const type = ATTRIBUTE_TYPES.get(entry.key);
    if (cursor.fault || type === undefined) continue;
    cursor.at = entry.valueStart;
    const value = decodeValue(cursor, entry.valueEnd);
    if ((typeof value satisfies string) === type) found[entry.key] = value;
    if (!cursor.fault) cursor.at = entry.end;
  }
  if (!cursor.fault) cursor.at = end;
  return found;
}

const FILTER_METADATA = lengthDelimited(1);
const TYPED_FILTER_METADATA = lengthDelimited(2);
const TOKEN_USAGE_NAMESPACE = 'envoy.ai.token_usage';

/** envoy.config.core.v3.Metadata from `cursor.at` to `end`. */
export function decodeMetadata(cursor: Cursor, end: number): ForwardedMetadata {
  const untyped: { [namespace: string]: Struct } = Object.create(null);
  let tokenUsage: TokenUsage | undefined;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag !== FILTER_METADATA && tag !== TYPED_FILTER_METADATA) {
      skipField(cursor, tag, end);
      continue;
    }
    const entry = readMapEntry(cursor, readEnd(cursor, end));
    if (cursor.fault) break;
    cursor.at = entry.valueStart;
    if (tag === FILTER_METADATA) untyped[entry.key] = decodeStruct(cursor, entry.valueEnd);
    else if (entry.key === TOKEN_USAGE_NAMESPACE) tokenUsage = decodeAny(cursor, entry.valueEnd);
    if (!cursor.fault) cursor.at = entry.end;
  }
  return tokenUsage === undefined ? { untyped } : { untyped, tokenUsage };
}

const TOKEN_USAGE_TYPE = 'type.googleapis.com/envoy.data.ai.v3.TokenUsage';

function decodeAny(cursor: Cursor, end: number): TokenUsage | undefined {
  const any = readMapEntry(cursor, end);
  if (cursor.fault || any.key !== TOKEN_USAGE_TYPE) return undefined;
  cursor.at = any.valueStart;
  const usage: Mutable<TokenUsage> = { status: 'UNSPECIFIED' };
  decodeTokenUsage(cursor, any.valueEnd, usage);
  return usage;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

const EXTRACTION_STATUS = ['UNSPECIFIED', 'COMPLETE', 'PARTIAL', 'FAILED'] as const;

type CountName = Exclude<keyof TokenUsage, 'model' | 'status'>;
interface CountFields {
  readonly [tag: number]: CountName;
}

const USAGE_COUNTS: CountFields = {
  [lengthDelimited(3)]: 'inputTokens',
  [lengthDelimited(4)]: 'outputTokens',
  [lengthDelimited(5)]: 'totalTokens',
};
const INPUT_COUNTS: CountFields = {
  [lengthDelimited(1)]: 'cachedTokens',
  [lengthDelimited(2)]: 'cacheCreationTokens',
};
const OUTPUT_COUNTS: CountFields = { [lengthDelimited(1)]: 'reasoningTokens' };

function decodeTokenUsage(cursor: Cursor, end: number, usage: Mutable<TokenUsage>): void {
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === lengthDelimited(2)) {
      const modelEnd = readEnd(cursor, end);
      usage.model = decodeText(cursor.bytes, cursor.at, modelEnd);
      cursor.at = modelEnd;
    } else if (tag === lengthDelimited(6)) decodeCounts(cursor, readEnd(cursor, end), usage, INPUT_COUNTS);
    else if (tag === lengthDelimited(7)) decodeCounts(cursor, readEnd(cursor, end), usage, OUTPUT_COUNTS);
    else if (tag === varint(9)) usage.status = EXTRACTION_STATUS[readVarint(cursor, end)] ?? 'UNSPECIFIED';
    else decodeCountField(cursor, { tag, end }, usage, USAGE_COUNTS);
  }
}

/** InputTokenDetails and OutputTokenDetails. */
function decodeCounts(cursor: Cursor, end: number, usage: Mutable<TokenUsage>, fields: CountFields): void {
  while (cursor.at < end) decodeCountField(cursor, { tag: readTag(cursor, end), end }, usage, fields);
}

function decodeCountField(
  cursor: Cursor,
  field: { readonly tag: number; readonly end: number },
  usage: Mutable<TokenUsage>,
  fields: CountFields,
): void {
  const name = fields[field.tag];
  if (name === undefined) skipField(cursor, field.tag, field.end);
  else usage[name] = decodeCount(cursor, readEnd(cursor, field.end));
}

/** google.protobuf.UInt64Value. */
function decodeCount(cursor: Cursor, end: number): number {
  let count = 0;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === varint(1)) count = readVarint(cursor, end);
    else skipField(cursor, tag, end);
  }
  return count;
}

const BODY_SEND_MODES: readonly BodySendMode[] = [
  'NONE',
  'STREAMED',
  'BUFFERED',
  'BUFFERED_PARTIAL',
  'FULL_DUPLEX_STREAMED',
  'GRPC',
];

/** ProtocolConfiguration. A mode that we do not know is refused: we would not know how to answer. */
export function decodeProtocolConfig(cursor: Cursor, end: number): ProtocolConfig {
  const modes: [BodySendMode, BodySendMode] = ['NONE', 'NONE'];
  let sendBodyWithoutWaitingForHeaderResponse = false;
  while (cursor.at < end) {
    const tag = readTag(cursor, end);
    if (tag === varint(1) || tag === varint(2)) {
      const mode = BODY_SEND_MODES[readVarint(cursor, end)];
      if (mode === undefined) fail(cursor, 'body-mode');
      else modes[tag === varint(1) ? 0 : 1] = mode;
    } else if (tag === varint(3)) sendBodyWithoutWaitingForHeaderResponse = readVarint(cursor, end) !== 0;
    else skipField(cursor, tag, end);
  }
  return { requestBodyMode: modes[0], responseBodyMode: modes[1], sendBodyWithoutWaitingForHeaderResponse };
}
