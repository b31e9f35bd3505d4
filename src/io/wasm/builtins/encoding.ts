import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { asItems, type Builtin, BuiltinError, objectAt, textAt } from './argument.ts';

function hash(algorithm: string): Builtin {
  return (args) => createHash(algorithm).update(textAt(args, 0)).digest('hex');
}

function keyedHash(algorithm: string): Builtin {
  return (args) => createHmac(algorithm, textAt(args, 1)).update(textAt(args, 0)).digest('hex');
}

const hmacEqual: Builtin = (args) => {
  const [left, right] = [Buffer.from(textAt(args, 0)), Buffer.from(textAt(args, 1))];
  return left.length === right.length && timingSafeEqual(left, right);
};

const hexDecode: Builtin = (args) => {
  const text = textAt(args, 0);
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new BuiltinError('not hexadecimal');
  return Buffer.from(text, 'hex').toString();
};

/** Go's url.QueryEscape: a space becomes a plus sign; letters, digits and `-_.~` stay. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function queryUnescape(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new BuiltinError('a percent sign without two hexadecimal digits');
  const bytes: Buffer[] = text
    .replaceAll('+', ' ')
    .split(/((?:%[0-9a-fA-F]{2})+)/)
    .map((piece) => (piece.startsWith('%') ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece)));
  return Buffer.concat(bytes).toString();
}

const encodeObject: Builtin = (args) => {
  const pairs: string[] = [];
  const object = objectAt(args, 0);
  for (const key of Object.keys(object).sort()) {
    for (const item of asItems(object[key] ?? null))
      pairs.push(`${queryEscape(key)}=${queryEscape(textAt([item], 0))}`);
  }
  return pairs.join('&');
};

const decodeObject: Builtin = (args) => {
  const values = new Map<string, string[]>();
  for (const pair of textAt(args, 0).split('&')) {
    if (pair === '') continue;
    if (pair.includes(';')) throw new BuiltinError('a semicolon in a query');
    const cut = pair.indexOf('=');
    const key = queryUnescape(cut < 0 ? pair : pair.slice(0, cut));
    values.set(key, [...(values.get(key) ?? []), cut < 0 ? '' : queryUnescape(pair.slice(cut + 1))]);
  }
  return Object.fromEntries(values);
};

export const ENCODING_BUILTINS = {
  'base64url.encode_no_pad': (args) => Buffer.from(textAt(args, 0)).toString('base64url'),
  'crypto.hmac.equal': hmacEqual,
  'crypto.hmac.md5': keyedHash('md5'),
  'crypto.hmac.sha1': keyedHash('sha1'),
  'crypto.hmac.sha256': keyedHash('sha256'),
  'crypto.hmac.sha512': keyedHash('sha512'),
  'crypto.md5': hash('md5'),
  'crypto.sha1': hash('sha1'),
  'crypto.sha256': hash('sha256'),
  'hex.decode': hexDecode,
  'hex.encode': (args) => Buffer.from(textAt(args, 0)).toString('hex'),
  'urlquery.decode': (args) => queryUnescape(textAt(args, 0)),
  'urlquery.decode_object': decodeObject,
  'urlquery.encode': (args) => queryEscape(textAt(args, 0)),
  'urlquery.encode_object': encodeObject,
} as const satisfies Readonly<Record<string, Builtin>>;
