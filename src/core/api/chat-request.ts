import { failed, ok, type Result } from '../base/result.ts';
import { type ChatDraft, NO_MESSAGE, readMessages, type TextPart } from './chat-messages.ts';
import { BODY, collectTexts, type FoundText, memberOf, type Place } from './collect-texts.ts';
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
  stringAhead,
  stringAt,
} from './json-cursor.ts';
import { RequestRefusal, refuseTwice, type SeenKeys } from './request-refusal.ts';

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
  /** Every text of the body (see collectTexts): those of the messages in order, then those that stand in no message. */
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
    besides: [],
    messageCount: 0,
    hasMessages: false,
    usesTools: false,
    usesJsonSchema: false,
    usesVision: false,
  };
  try {
    if (!isUtf8(body)) throw new JsonSyntaxError(0, 'the text is not UTF-8');
    const cursor = jsonCursor(body);
    const seen: SeenKeys = { few: [] };
    readObject(cursor, 0, (key) => {
      refuseTwice(seen, key);
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
  const texts = draft.besides.length === 0 ? draft.texts : [...draft.texts, ...draft.besides];
  const outputTokensMax = draft.completionTokensMax ?? draft.tokensMax;
  return {
    model: draft.model,
    modelAt: draft.modelAt,
    stream: draft.stream,
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
    choices: draft.choices,
    texts,
    messageCount: draft.messageCount,
    usesTools: draft.usesTools,
    usesJsonSchema: draft.usesJsonSchema,
    usesVision: draft.usesVision,
    ...(draft.streamOptions === undefined ? {} : { streamOptions: draft.streamOptions }),
    bodyBytes,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readMember(cursor: JsonCursor, key: string, draft: ChatDraft): void {
  switch (key) {
    case 'messages':
      readMessages(cursor, draft);
      break;
    case 'model':
      readModel(cursor, draft);
      break;
    case 'stream':
      draft.stream = readBoolean(cursor, 1, key);
      break;
    case 'max_completion_tokens':
      draft.completionTokensMax = readCount(cursor, key);
      break;
    case 'max_tokens':
      draft.tokensMax = readCount(cursor, key);
      break;
    case 'n':
      draft.choices = readCount(cursor, key) ?? 1;
      break;
    case 'tools':
    case 'functions':
      readTools(cursor, key, draft);
      break;
    case 'stream_options':
      readStreamOptions(cursor, draft);
      break;
    case 'response_format':
      readResponseFormat(cursor, draft);
      break;
    default:
      readTexts(cursor, memberOf(BODY, key), 'system', draft);
  }
}

/** A member of the body, or of one of its members, that belongs to no message. */
function readTexts(cursor: JsonCursor, place: Place, role: string, draft: ChatDraft): void {
  const found: FoundText[] = [];
  collectTexts(cursor, place.parent === '' ? 1 : 2, place, found);
  for (const { pointer, at } of found) draft.besides.push({ pointer, message: NO_MESSAGE, role, at });
}

function readModel(cursor: JsonCursor, draft: ChatDraft): void {
  const at = skipValue(cursor, 1);
  if (cursor.bytes[at.start] !== 0x22) throw new RequestRefusal('"model" must be a string');
  draft.model = stringAt(cursor.bytes, at);
  draft.modelAt = at;
}

function readTools(cursor: JsonCursor, key: string, draft: ChatDraft): void {
  peek(cursor);
  const start = cursor.at;
  readTexts(cursor, memberOf(BODY, key), 'tool', draft);
  draft.usesTools ||= cursor.at - start > 2;
}

function readBoolean(cursor: JsonCursor, depth: number, key: string): boolean {
  const value = scalarAt(cursor.bytes, skipValue(cursor, depth));
  if (value !== null && typeof value !== 'boolean') throw new RequestRefusal(`"${key}" must be true or false`);
  return value === true;
}

/** null is as good as absent, as the API has it. */
function readCount(cursor: JsonCursor, key: string): number | undefined {
  const value = scalarAt(cursor.bytes, skipValue(cursor, 1));
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
  const seen: SeenKeys = { few: [] };
  readObject(cursor, 1, (key) => {
    refuseTwice(seen, key, ' in the stream options');
    // The options are written anew, so none of them may hold what a policy would have to see.
    const option = readBoolean(cursor, 2, key);
    if (key === 'include_usage') includeUsage = option;
  });
  draft.streamOptions = { at: { start, end: cursor.at }, includeUsage };
}

function readResponseFormat(cursor: JsonCursor, draft: ChatDraft): void {
  const place = memberOf(BODY, 'response_format');
  if (peek(cursor) !== 0x7b) {
    readTexts(cursor, place, 'system', draft);
    return;
  }
  const seen: SeenKeys = { few: [] };
  readObject(cursor, 1, (key) => {
    refuseTwice(seen, key, ' in the response format');
    if (key === 'type') draft.usesJsonSchema = stringAhead(cursor) === 'json_schema';
    readTexts(cursor, memberOf(place, key), 'system', draft);
  });
}
