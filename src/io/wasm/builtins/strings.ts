import { isIP } from 'node:net';
import { type Builtin, BuiltinError, integerAt, textAt, textsAt } from './argument.ts';

const indexofN: Builtin = (args) => {
  const base = [...textAt(args, 0)];
  const search = [...textAt(args, 1)];
  if (search.length === 0) throw new BuiltinError('empty search character');
  const found: number[] = [];
  for (let start = 0; start + search.length <= base.length; start += 1) {
    if (search.every((character, offset) => base[start + offset] === character)) found.push(start);
  }
  return found;
};

const count: Builtin = (args) => {
  const [text, part] = [textAt(args, 0), textAt(args, 1)];
  return part === '' ? [...text].length + 1 : text.split(part).length - 1;
};

/** The first `n` pieces, or the last `-n` when it is negative. */
const splitN: Builtin = (args) => {
  const [text, delimiter] = [textAt(args, 0), textAt(args, 1)];
  const limit = Number(integerAt(args, 2));
  const pieces = delimiter === '' ? [...text] : text.split(delimiter);
  return limit >= 0 ? pieces.slice(0, limit) : pieces.slice(limit);
};

const isValidCidr: Builtin = (args) => {
  const text = args[0];
  if (typeof text !== 'string') return false;
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const family = isIP(match?.[1] ?? '');
  if (match?.[1]?.includes('%') === true) return false;
  return family !== 0 && Number(match?.[2]) <= (family === 4 ? 32 : 128);
};

function affix(matches: (text: string, part: string) => boolean): Builtin {
  return (args) => {
    const parts = textsAt(args, 1);
    return textsAt(args, 0).some((text) => parts.some((part) => matches(text, part)));
  };
}

export const STRING_BUILTINS = {
  'glob.quote_meta': (args) => textAt(args, 0).replace(/[*?\\[\]{}]/g, '\\$&'),
  indexof_n: indexofN,
  'net.cidr_is_valid': isValidCidr,
  'strings.any_prefix_match': affix((text, part) => text.startsWith(part)),
  'strings.any_suffix_match': affix((text, part) => text.endsWith(part)),
  'strings.count': count,
  'strings.split_n': splitN,
} as const satisfies Readonly<Record<string, Builtin>>;
