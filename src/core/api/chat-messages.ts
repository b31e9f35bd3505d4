import { collectTexts, type FoundText, memberOf, type Place } from './collect-texts.ts';
import { type JsonCursor, peek, readArray, readObject, type Span, stringAhead } from './json-cursor.ts';
import { RequestRefusal, refuseTwice, type SeenKeys } from './request-refusal.ts';

/** A text of a request, by its place in the body. */
export interface TextPart extends FoundText {
  /** The index of its message; NO_MESSAGE for a text that stands in none, such as the description of a tool. */
  readonly message: number;
  /** Of its message; of a text in none `tool` in the tools, and `system` elsewhere. */
  readonly role: string;
}

export const NO_MESSAGE = -1;

/** What has been read of a request so far. */
export interface ChatDraft {
  model?: string;
  modelAt?: Span;
  stream: boolean;
  completionTokensMax?: number | undefined;
  tokensMax?: number | undefined;
  choices: number;
  texts: TextPart[];
  /** Texts that stand in no message. */
  besides: TextPart[];
  messageCount: number;
  hasMessages: boolean;
  usesTools: boolean;
  usesJsonSchema: boolean;
  usesVision: boolean;
  streamOptions?: { at: Span; includeUsage: boolean };
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
  const found: FoundText[] = [];
  let role = 'user';
  const seen: SeenKeys = { few: [] };
  const place: Place = { pointer: `/messages/${index}`, key: 'messages', parent: '' };
  readObject(cursor, 2, (key) => {
    refuseTwice(seen, key, ' in a message');
    const member = memberOf(place, key);
    if (key === 'role') role = stringAhead(cursor) ?? role;
    if (key === 'content') readContent(cursor, member, found, draft);
    else collectTexts(cursor, 3, member, found);
  });
  for (const { pointer, at } of found) draft.texts.push({ pointer, message: index, role, at });
}

/** A content of another form than the API's is one that we would not know how to read. */
function readContent(cursor: JsonCursor, content: Place, found: FoundText[], draft: ChatDraft): void {
  const first = peek(cursor);
  if (first === 0x5b) readParts(cursor, content, found, draft);
  else if (first === 0x22 || first === 0x6e) collectTexts(cursor, 3, content, found);
  else throw new RequestRefusal(`${content.pointer} must be a text, a list of parts or null`);
}

function readParts(cursor: JsonCursor, content: Place, found: FoundText[], draft: ChatDraft): void {
  readArray(cursor, 3, (index) => {
    if (peek(cursor) !== 0x7b) throw new RequestRefusal(`${content.pointer} holds something else than a content part`);
    const seen: SeenKeys = { few: [] };
    const part: Place = { pointer: `${content.pointer}/${index}`, key: content.key, parent: content.parent };
    readObject(cursor, 4, (key) => {
      refuseTwice(seen, key, ' in a content part');
      if (MEDIA_KEYS.has(key)) draft.usesVision = true;
      collectTexts(cursor, 5, memberOf(part, key), found);
    });
  });
}

/** Members of a content part that hold something to look at or to listen to. */
const MEDIA_KEYS: ReadonlySet<string> = new Set(['image_url', 'input_audio', 'file']);
