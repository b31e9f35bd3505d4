import { type JsonCursor, peek, readArray, readObject, type Span, skipValue, stringAt } from './json-cursor.ts';

/** A text of a request, by its place in the body. */
export interface TextPart {
  /** JSON Pointer (RFC 6901) to the string in the body. */
  readonly pointer: string;
  /** The index of its message. */
  readonly message: number;
  readonly role: string;
  readonly at: Span;
}

/** What has been read of a request so far. */
export interface ChatDraft {
  model?: string;
  modelAt?: Span;
  stream: boolean;
  completionTokensMax?: number | undefined;
  tokensMax?: number | undefined;
  choices: number;
  texts: TextPart[];
  messageCount: number;
  hasMessages: boolean;
  usesTools: boolean;
  usesJsonSchema: boolean;
  usesVision: boolean;
  streamOptions?: { at: Span; includeUsage: boolean };
}

/** The body is JSON but no request that the API describes; caught at the reader's one public function. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal';
}

/** A request has few hundred messages at the most; more than this is an attempt to make us work. */
const MESSAGES_MAX = 10_000;

/** Reads the value of `messages`, at which the cursor stands. */
export function readMessages(cursor: JsonCursor, draft: ChatDraft): void {
  if (peek(cursor) !== 0x5b) throw new RequestRefusal('"messages" must be a list');
  draft.hasMessages = true;
  readArray(cursor, 1, (index) => {
    if (index >= MESSAGES_MAX) throw new RequestRefusal(`more than ${MESSAGES_MAX} messages`);
    if (peek(cursor) !== 0x7b) throw new RequestRefusal(`"messages" holds something else than a message at ${index}`);
    draft.messageCount += 1;
    readMessage(cursor, index, draft);
  });
}

function readMessage(cursor: JsonCursor, index: number, draft: ChatDraft): void {
  const message: MessageDraft = { role: 'user', found: [] };
  const seen = new Set<string>();
  readObject(cursor, 2, (key) => {
    if (seen.has(key)) throw new RequestRefusal(`"${key.slice(0, 40)}" stands twice in a message`);
    seen.add(key);
    readMessageMember(cursor, key, `/messages/${index}/${key}`, message, draft);
  });
  for (const part of message.found) draft.texts.push({ ...part, message: index, role: message.role });
}

interface MessageDraft {
  role: string;
  readonly found: { pointer: string; at: Span }[];
}

function readMessageMember(
  cursor: JsonCursor,
  key: string,
  pointer: string,
  message: MessageDraft,
  draft: ChatDraft,
): void {
  if (key === 'content' && peek(cursor) === 0x5b) {
    readParts(cursor, pointer, message.found, draft);
    return;
  }
  if (key === 'tool_calls') {
    readToolCalls(cursor, pointer, message.found);
    return;
  }
  const at = skipValue(cursor, 3);
  if (cursor.bytes[at.start] !== 0x22) return;
  if (key === 'role') message.role = stringAt(cursor.bytes, at);
  else if (TEXT_MEMBERS.has(key)) message.found.push({ pointer, at });
}

/** Members of a message that hold text which goes upstream. */
const TEXT_MEMBERS: ReadonlySet<string> = new Set(['content', 'reasoning_content', 'refusal']);

function readParts(
  cursor: JsonCursor,
  pointer: string,
  found: { pointer: string; at: Span }[],
  draft: ChatDraft,
): void {
  readArray(cursor, 3, (index) => {
    if (peek(cursor) !== 0x7b) throw new RequestRefusal(`${pointer} holds something else than a content part`);
    readObject(cursor, 4, (key) => {
      const at = skipValue(cursor, 5);
      if (key === 'text' && cursor.bytes[at.start] === 0x22) found.push({ pointer: `${pointer}/${index}/text`, at });
      if (key === 'image_url' || key === 'input_audio' || key === 'file') draft.usesVision = true;
    });
  });
}

/** The arguments of earlier tool calls are text that goes upstream like any other. */
function readToolCalls(cursor: JsonCursor, pointer: string, found: { pointer: string; at: Span }[]): void {
  if (peek(cursor) !== 0x5b) {
    skipValue(cursor, 3);
    return;
  }
  readArray(cursor, 3, (index) => {
    if (peek(cursor) !== 0x7b) throw new RequestRefusal(`${pointer} holds something else than a tool call`);
    readObject(cursor, 4, (key) => {
      if (key !== 'function' || peek(cursor) !== 0x7b) {
        skipValue(cursor, 5);
        return;
      }
      readObject(cursor, 5, (name) => {
        const at = skipValue(cursor, 6);
        if (name === 'arguments' && cursor.bytes[at.start] === 0x22) {
          found.push({ pointer: `${pointer}/${index}/function/arguments`, at });
        }
      });
    });
  });
}
