/** A Rego value on our side of the border: JSON, sets, and integers beyond what a double holds exactly. */
export type RegoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly RegoValue[]
  | ReadonlySet<RegoValue>
  | { readonly [key: string]: RegoValue };

/** Digits that a double may not hold exactly. */
const LONG_INTEGER = /[0-9]{16}/;

/**
 * Reads what `opa_value_dump` writes: JSON, and sets as `{1, 2}` or `set()`, and numbers as the policy wrote them. Objects with keys that are not strings
 * get the key's text as their key.
 */
export function readValue(text: string): RegoValue {
  if (!LONG_INTEGER.test(text)) {
    try {
      return JSON.parse(text) as RegoValue;
    } catch {
      return readWithSets(text);
    }
  }
  return readWithSets(text);
}

interface Cursor {
  readonly text: string;
  offset: number;
}

function readWithSets(text: string): RegoValue {
  return readAny({ text, offset: 0 });
}

const SCALAR = /true|false|null|set\(\)|-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|"(?:[^"\\]|\\.)*"/sy;

function readAny(cursor: Cursor): RegoValue {
  skipSpace(cursor);
  const first = cursor.text[cursor.offset];
  if (first === '[') return readItems(cursor, ']');
  if (first === '{') return readBraces(cursor);
  SCALAR.lastIndex = cursor.offset;
  const token = SCALAR.exec(cursor.text)?.[0];
  if (token === undefined) throw new SyntaxError('not a value');
  cursor.offset += token.length;
  if (token === 'set()') return new Set();
  // A number stands as it was written in the policy: `.5` is one, though not in JSON.
  const value = /^[-.0-9]/.test(token) ? Number(token) : (JSON.parse(token) as null | boolean | string);
  const isLongInteger = typeof value === 'number' && /^-?[0-9]+$/.test(token) && !Number.isSafeInteger(value);
  return isLongInteger ? BigInt(token) : value;
}

function readItems(cursor: Cursor, close: string): RegoValue[] {
  const items: RegoValue[] = [];
  cursor.offset += 1;
  while (!skipIf(cursor, close)) {
    items.push(readAny(cursor));
    skipIf(cursor, ',');
  }
  return items;
}

function readBraces(cursor: Cursor): RegoValue {
  cursor.offset += 1;
  if (skipIf(cursor, '}')) return {};
  const first = readAny(cursor);
  if (!skipIf(cursor, ':')) return readSet(cursor, first);
  const entries: [string, RegoValue][] = [[keyText(first), readAny(cursor)]];
  while (!skipIf(cursor, '}')) {
    skipIf(cursor, ',');
    const key = readAny(cursor);
    skipIf(cursor, ':');
    entries.push([keyText(key), readAny(cursor)]);
  }
  return Object.fromEntries(entries);
}

function readSet(cursor: Cursor, first: RegoValue): ReadonlySet<RegoValue> {
  const members = new Set<RegoValue>([first]);
  while (!skipIf(cursor, '}')) {
    skipIf(cursor, ',');
    members.add(readAny(cursor));
  }
  return members;
}

function keyText(key: RegoValue): string {
  return typeof key === 'string' ? key : writeValue(key);
}

function skipSpace(cursor: Cursor): void {
  while (cursor.text[cursor.offset] === ' ') cursor.offset += 1;
}

function skipIf(cursor: Cursor, token: string): boolean {
  skipSpace(cursor);
  if (cursor.offset >= cursor.text.length) throw new SyntaxError('the value ends early');
  if (cursor.text[cursor.offset] !== token) return false;
  cursor.offset += 1;
  return true;
}

/** The text that `opa_value_parse` reads back. */
export function writeValue(value: RegoValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${[...value].map(writeValue).join(',')}}`;
  const members = Object.entries(value as { readonly [key: string]: RegoValue });
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeValue(member)}`).join(',')}}`;
}
