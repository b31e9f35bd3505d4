import { type JsonCursor, peek, readArray, readObject, type Span, skipValue } from './json-cursor.ts';
import { refuseTwice, type SeenKeys } from './request-refusal.ts';

/** A text in a body; who said it is known when its message was read. */
export interface FoundText {
  /** JSON Pointer (RFC 6901) to the string in the body. */
  readonly pointer: string;
  readonly at: Span;
}

/** Where a value stands. */
export interface Place {
  /** JSON Pointer (RFC 6901) to it. */
  readonly pointer: string;
  /** The member that holds it; of an item of a list, the member that holds the list. */
  readonly key: string;
  /** The member around that one. */
  readonly parent: string;
}

/**
 * Consumes any value and collects every string in it, since every string goes upstream: what the API calls it, and
 * whether it knows it, says nothing of what it holds. Left out is only what `isNoText` names. Keys and numbers are no
 * texts. Throws RequestRefusal for a key that stands twice in an object.
 */
export function collectTexts(cursor: JsonCursor, depth: number, place: Place, found: FoundText[]): void {
  switch (peek(cursor)) {
    case QUOTE: {
      const at = skipValue(cursor, depth);
      if (!isNoText(cursor.bytes, at, place)) found.push({ pointer: place.pointer, at });
      return;
    }
    case OPEN_OBJECT: {
      const seen: SeenKeys = { few: [] };
      readObject(cursor, depth, (key) => {
        refuseTwice(seen, key);
        collectTexts(cursor, depth + 1, memberOf(place, key), found);
      });
      return;
    }
    case OPEN_ARRAY: {
      const { key, parent } = place;
      readArray(cursor, depth, (index) =>
        collectTexts(cursor, depth + 1, { pointer: `${place.pointer}/${index}`, key, parent }, found),
      );
      return;
    }
    default:
      skipValue(cursor, depth);
  }
}

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

/** The place of a member of the object at `place`. */
export function memberOf(place: Place, key: string): Place {
  const step = key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
  return { pointer: `${place.pointer}/${step}`, key, parent: place.key };
}

/** The place of the body itself. */
export const BODY: Place = { pointer: '', key: '', parent: '' };

/** What a string may be instead of text, by its member: see the predicates of each kind. */
const NO_TEXT_KEYS: ReadonlyMap<string, 'word' | 'id' | 'url' | 'data'> = new Map([
  // One of a few words of the API.
  ...['role', 'type', 'detail', 'format', 'tool_choice', 'function_call'].map((key) => [key, 'word'] as const),
  ...['service_tier', 'reasoning_effort', 'verbosity', 'modalities'].map((key) => [key, 'word'] as const),
  // By these, parts of a conversation refer to each other: a redaction would tear them apart.
  ...['id', 'tool_call_id', 'file_id'].map((key) => [key, 'id'] as const),
  // An image, a sound or a document may stand here as a data URL, whose bytes no detector can read.
  ...['url', 'image_url', 'audio_url', 'video_url', 'file_data'].map((key) => [key, 'url'] as const),
  ['data', 'data'],
]);

/** The longest words of the API have about twenty characters. */
const WORD_BYTES_MAX = 24;
/** Ids of all known upstreams are shorter; a longer one is a text. */
const ID_BYTES_MAX = 64;

/** What does not look like the thing that its member should hold is a text. */
function isNoText(bytes: Uint8Array, at: Span, { key, parent }: Place): boolean {
  switch (NO_TEXT_KEYS.get(key)) {
    case undefined:
      return false;
    case 'word':
      return isMadeOf(bytes, at, WORD_BYTES_MAX, isWordByte);
    case 'id':
      return isMadeOf(bytes, at, ID_BYTES_MAX, isIdByte);
    case 'url':
      return isBase64Url(bytes, at);
    case 'data':
      return parent === 'input_audio';
  }
}

function isMadeOf(
  bytes: Uint8Array,
  { start, end }: Span,
  bytesMax: number,
  isPart: (byte: number) => boolean,
): boolean {
  if (end - start - 2 > bytesMax) return false;
  for (let at = start + 1; at < end - 1; at += 1) if (!isPart(bytes[at] ?? 0)) return false;
  return true;
}

/** a-z, 0-9, `_` and `-`. */
function isWordByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2d;
}

/** As in a word, and A-Z, `.` and `:`. */
function isIdByte(byte: number): boolean {
  return isWordByte(byte) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x2e || byte === 0x3a;
}

/** Where the content of a data URL begins, at the latest: behind its media type. */
const DATA_URL_HEAD_BYTES_MAX = 128;

/** `data:image/png;base64,` and the like (RFC 2397). A data URL that is not in base64 is read as text. */
function isBase64Url(bytes: Uint8Array, { start, end }: Span): boolean {
  const head = bytes.subarray(start + 1, Math.min(end - 1, start + 1 + DATA_URL_HEAD_BYTES_MAX));
  return /^data:[^,]*;base64,/.test(String.fromCharCode(...head));
}
