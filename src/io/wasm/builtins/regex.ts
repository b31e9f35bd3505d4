import { RE2JS } from 're2js';
import type { RegoValue } from '../value-text.ts';
import { type Builtin, BuiltinError, integerAt, textAt } from './argument.ts';

/** Compiled patterns kept: a policy has tens; patterns made from input must not fill memory. */
const PATTERNS_MAX = 256;
const patterns = new Map<string, RE2JS>();

/** The pattern compiled by RE2, whose time is linear in the text. */
function compiled(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  try {
    const fresh = RE2JS.compile(pattern);
    patterns.set(pattern, fresh);
    return fresh;
  } catch (cause) {
    throw new BuiltinError('the pattern does not compile', { cause });
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
  group(name: number | string): string;
}

/**
 * Go's rule for successive matches: an empty match right behind the match before it does not count.
 * At most `limit` matches, all of them when it is negative.
 */
function findAll(re: RE2JS, text: string, limit: number): Match[] {
  const matches: Match[] = [];
  const matcher = re.matcher(text);
  let endBefore = -1;
  while (matches.length !== limit) {
    const isFound: boolean = matcher.find();
    if (!isFound) break;
    const [start, end] = [matcher.start(), matcher.end()];
    if (start === end && start === endBefore) continue;
    endBefore = end;
    const groups: string[] = [];
    for (let index = 0; index <= matcher.groupCount(); index += 1) groups.push(matcher.group(index) ?? '');
    const names = re.namedGroups();
    matches.push({ start, end, group: (name) => groups[typeof name === 'number' ? name : (names[name] ?? -1)] ?? '' });
  }
  return matches;
}

const findN: Builtin = (args) => {
  const text = textAt(args, 1);
  return findAll(compiled(textAt(args, 0)), text, Number(integerAt(args, 2))).map((m) => text.slice(m.start, m.end));
};

const split: Builtin = (args) => {
  const text = textAt(args, 1);
  const pieces: RegoValue[] = [];
  let from = 0;
  for (const match of findAll(compiled(textAt(args, 0)), text, -1)) {
    if (match.end === 0) continue;
    if (match.start === match.end && match.start >= text.length) continue;
    pieces.push(text.slice(from, match.start));
    from = match.end;
  }
  return [...pieces, text.slice(from)];
};

/** In a replacement `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar sign. */
const TEMPLATE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

const replace: Builtin = (args) => {
  const text = textAt(args, 0);
  const template = textAt(args, 2);
  let out = '';
  let from = 0;
  for (const match of findAll(compiled(textAt(args, 1)), text, -1)) {
    const expanded = template.replace(TEMPLATE, (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      if (name === undefined) return whole.slice(1);
      return match.group(/^\d+$/.test(name) ? Number(name) : name);
    });
    out += text.slice(from, match.start) + expanded;
    from = match.end;
  }
  return out + text.slice(from);
};

export const REGEX_BUILTINS = { 'regex.find_n': findN, 'regex.replace': replace, 'regex.split': split } as const;
