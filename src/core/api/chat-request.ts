import { failed, ok, type Result } from '../base/result.ts';
import { type ChatDraft, RequestRefusal, readMessages, type TextPart } from './chat-messages.ts';
import {
  expectEnd,
  type JsonCursor,
  JsonSyntaxError,
  jsonCursor,
  peek,
  readObject,
  type Span,
  scalarAt,
  skipValue,
  stringAt,
} from './json-cursor.ts';

/** What routing and policy need to know of an OpenAI chat completion request, with places in its body instead of text. */
export interface ChatRequest {
  /** The name that the client asked for, with the range of its literal. */
  readonly model: string;
  readonly modelAt: Span;
  readonly stream: boolean;
  /** `max_completion_tokens`, else `max_tokens`. */
  readonly outputTokensMax?: number;
  /** `n`: how many answers are asked for; 1 where it is not said. */
  readonly choices: number;
  /** Every text of every message, in order: string contents and the `text` of content parts. */
  readonly texts: readonly TextPart[];
  readonly messageCount: number;
  readonly usesTools: boolean;
  readonly usesJsonSchema: boolean;
  readonly usesVision: boolean;
  /** `stream_options`, where the request has them. */
  readonly streamOptions?: { readonly at: Span; readonly includeUsage: boolean };
  /** The whole body's bytes. */
  readonly bodyBytes: number;
}

/** Why a body is no chat request: the code is stable and goes to the client with the message. */
export interface RequestFault {
  readonly code: 'invalid-json' | 'invalid-request';
  readonly message: string;
}

/**
 * Reads the body of POST /v1/chat/completions (OpenAI API reference, "Create chat completion"). The whole text is
 * checked to be JSON and UTF-8, so that no reader behind us can see another request than we did; for the same reason a
 * top-level key that stands twice is refused.
 */
export function readChatRequest(body: Uint8Array): Result<ChatRequest, RequestFault> {
  const draft: ChatDraft = {
    stream: false,
    choices: 1,
    texts: [],
    messageCount: 0,
    hasMessages: false,
    usesTools: false,
    usesJsonSchema: false,
    usesVision: false,
  };
  try {
    if (!isUtf8(body)) throw new JsonSyntaxError(0, 'the text is not UTF-8');
    const cursor = jsonCursor(body);
    const seen = new Set<string>();
    readObject(cursor, 0, (key) => {
      if (seen.has(key)) throw new RequestRefusal(`"${key.slice(0, 40)}" stands twice`);
      seen.add(key);
      readMember(cursor, key, draft);
    });
    expectEnd(cursor);
    return ok(finished(draft, body.length));
  } catch (cause) {
    if (cause instanceof RequestRefusal) return failed({ code: 'invalid-request', message: cause.message });
    if (cause instanceof JsonSyntaxError) {
      return failed({
        code: 'invalid-json',
        message: `the body is not JSON: ${cause.message} at byte ${cause.offset}`,
      });
    }
    throw cause;
  }
}

function isUtf8(body: Uint8Array): boolean {
  try {
    utf8.decode(body);
    return true;
  } catch {
    return false;
  }
}

function finished(draft: ChatDraft, bodyBytes: number): ChatRequest {
  if (draft.model === undefined || draft.modelAt === undefined) throw new RequestRefusal('"model" is missing');
  if (!draft.hasMessages) throw new RequestRefusal('"messages" is missing');
  const outputTokensMax = draft.completionTokensMax ?? draft.tokensMax;
  return {
    model: draft.model,
    modelAt: draft.modelAt,
    stream: draft.stream,
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
    choices: draft.choices,
    texts: draft.texts,
    messageCount: draft.messageCount,
    usesTools: draft.usesTools,
    usesJsonSchema: draft.usesJsonSchema,
    usesVision: draft.usesVision,
    ...(draft.streamOptions === undefined ? {} : { streamOptions: draft.streamOptions }),
    bodyBytes,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A Map, not an object: the client chooses the keys, and `constructor` is one too. */
const MEMBER_READERS: ReadonlyMap<string, (cursor: JsonCursor, draft: ChatDraft) => void> = new Map([
  ['messages', readMessages],
  ['stream_options', readStreamOptions],
  ['response_format', readResponseFormat],
]);

function readMember(cursor: JsonCursor, key: string, draft: ChatDraft): void {
  const reader = MEMBER_READERS.get(key);
  if (reader !== undefined) {
    reader(cursor, draft);
    return;
  }
  const at = skipValue(cursor, 1);
  if (key === 'model') {
    if (cursor.bytes[at.start] !== 0x22) throw new RequestRefusal('"model" must be a string');
    draft.model = stringAt(cursor.bytes, at);
    draft.modelAt = at;
  } else if (key === 'stream') draft.stream = booleanAt(cursor, at, key);
  else if (key === 'max_completion_tokens') draft.completionTokensMax = countAt(cursor, at, key);
  else if (key === 'max_tokens') draft.tokensMax = countAt(cursor, at, key);
  else if (key === 'n') draft.choices = countAt(cursor, at, key) ?? 1;
  else if (key === 'tools' || key === 'functions') draft.usesTools ||= at.end - at.start > 2;
}

function booleanAt(cursor: JsonCursor, at: Span, key: string): boolean {
  const value = scalarAt(cursor.bytes, at);
  if (value !== null && typeof value !== 'boolean') throw new RequestRefusal(`"${key}" must be true or false`);
  return value === true;
}

/** null is as good as absent, as the API has it. */
function countAt(cursor: JsonCursor, at: Span, key: string): number | undefined {
  const value = scalarAt(cursor.bytes, at);
  if (value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new RequestRefusal(`"${key}" must be a whole number above 0`);
  }
  return value;
}

function readStreamOptions(cursor: JsonCursor, draft: ChatDraft): void {
  if (peek(cursor) !== 0x7b) {
    const at = skipValue(cursor, 1);
    if (scalarAt(cursor.bytes, at) !== null) throw new RequestRefusal('"stream_options" must be an object');
    draft.streamOptions = { at, includeUsage: false };
    return;
  }
  const start = cursor.at;
  let includeUsage = false;
  readObject(cursor, 1, (key) => {
    const at = skipValue(cursor, 2);
    if (key === 'include_usage') includeUsage = booleanAt(cursor, at, key);
  });
  draft.streamOptions = { at: { start, end: cursor.at }, includeUsage };
}

function readResponseFormat(cursor: JsonCursor, draft: ChatDraft): void {
  if (peek(cursor) !== 0x7b) {
    skipValue(cursor, 1);
    return;
  }
  readObject(cursor, 1, (key) => {
    const at = skipValue(cursor, 2);
    if (key === 'type' && cursor.bytes[at.start] === 0x22) {
      draft.usesJsonSchema = stringAt(cursor.bytes, at) === 'json_schema';
    }
  });
}
