import { RE2JS } from 're2js';
import { present } from '../base/assert.ts';
import type { CredentialMatch, CredentialScan } from './check-credentials.ts';

/** What is no credential although a rule matches: `condition: AND` asks for all members, else one is enough. */
export interface CredentialAllowlist {
  readonly condition?: string;
  /** What the expressions look at: the secret (the default), the whole match, or its line. */
  readonly regexTarget?: string;
  readonly regexes?: readonly string[];
  readonly stopwords?: readonly string[];
  readonly paths?: readonly string[];
}

/** A rule in the form of gitleaks: RE2 expressions, and words without which none can match. */
export interface CredentialRule {
  readonly id: string;
  readonly regex?: string;
  /** The files that it is about; such a rule is about files that are not ours. */
  readonly path?: string;
  readonly keywords?: readonly string[];
  /** Bits per character that the secret must have more of. */
  readonly entropy?: number;
  readonly secretGroup?: number;
  readonly allowlists: readonly CredentialAllowlist[];
}

export interface CredentialRules {
  readonly allowlist: CredentialAllowlist;
  readonly rules: readonly CredentialRule[];
}

/**
 * Left out: any word beside "key" with enough entropy, since Keys hold digests; and what our own detectors find, whose
 * words here stand in every file.
 */
const LEFT_OUT: readonly string[] = ['generic-api-key', 'jwt', 'private-key'];

/** How far around one of its words a rule looks; no token of these rules is longer, private keys apart. */
const CHARS_BEFORE = 256;
const CHARS_AFTER = 1024;
/** An expression reads a megabyte in about a second: a file that is made of keywords does not cost more than this. */
const CHARS_READ_MAX = 1024 * 1024;

/** Makes the scan of such rules. Expressions are compiled when a word of theirs is first seen. */
export function credentialScan({ allowlist, rules }: CredentialRules): CredentialScan {
  const compiled = new Map<string, RE2JS>();
  const expression = (source: string): RE2JS => {
    const known = compiled.get(source) ?? RE2JS.compile(source);
    compiled.set(source, known);
    return known;
  };
  const used = rules.filter(
    ({ id, regex, path }) => regex !== undefined && path === undefined && !LEFT_OUT.includes(id),
  );
  const index = wordIndex(used);
  return (text) => {
    const found: CredentialMatch[] = [];
    let charsLeft = CHARS_READ_MAX;
    for (const [rule, windows] of windowsOf(text, index)) {
      for (const { start, end } of windows) {
        charsLeft -= end - start;
        if (charsLeft < 0) return found;
        found.push(...matchesIn(text, start, end, rule, { expression, allowlists: [allowlist, ...rule.allowlists] }));
      }
    }
    return found;
  };
}

interface Window {
  readonly start: number;
  readonly end: number;
}

/** The words of all rules by the number of their first two characters, and which numbers there are. */
interface WordIndex {
  readonly starts: Uint8Array;
  readonly words: ReadonlyMap<number, readonly Keyword[]>;
}

interface Keyword {
  readonly word: string;
  readonly rules: readonly CredentialRule[];
}

const ASCII = 128;

function startNumber(text: string, at: number): number {
  const [first, second] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  return first < ASCII && second < ASCII ? first * ASCII + second : 0;
}

function wordIndex(rules: readonly CredentialRule[]): WordIndex {
  const byWord = new Map<string, CredentialRule[]>();
  for (const rule of rules) {
    for (const word of rule.keywords ?? []) {
      byWord.set(word.toLowerCase(), [...(byWord.get(word.toLowerCase()) ?? []), rule]);
    }
  }
  const words = new Map<number, Keyword[]>();
  const starts = new Uint8Array(ASCII * ASCII);
  for (const [word, wanting] of byWord) {
    const number = startNumber(word, 0);
    starts[number] = 1;
    words.set(number, [...(words.get(number) ?? []), { word, rules: wanting }]);
  }
  return { starts, words };
}

/** Where each rule has to look: around its words, which count in any case. One pass, whatever the number of words. */
function windowsOf(text: string, index: WordIndex): Map<CredentialRule, Window[]> {
  const lower = text.toLowerCase();
  const windows = new Map<CredentialRule, Window[]>();
  for (let at = 0; at < lower.length - 1; at += 1) {
    const number = startNumber(lower, at);
    if (index.starts[number] !== 1) continue;
    for (const { word, rules } of index.words.get(number) ?? []) {
      if (!lower.startsWith(word, at)) continue;
      for (const rule of rules) addWindow(windows, rule, at, text.length);
    }
  }
  return windows;
}

/** A word that stands well inside the last window needs none of its own. */
function addWindow(windows: Map<CredentialRule, Window[]>, rule: CredentialRule, at: number, length: number): void {
  const known = windows.get(rule) ?? [];
  const last = known.at(-1);
  if (last !== undefined && (last.end === length || at + CHARS_AFTER / 2 <= last.end)) return;
  known.push({ start: Math.max(0, at - CHARS_BEFORE), end: Math.min(length, at + CHARS_AFTER) });
  windows.set(rule, known);
}

interface Judge {
  readonly expression: (source: string) => RE2JS;
  readonly allowlists: readonly CredentialAllowlist[];
}

function* matchesIn(
  text: string,
  start: number,
  end: number,
  rule: CredentialRule,
  judge: Judge,
): Generator<CredentialMatch> {
  const matcher = judge.expression(present(rule.regex, 'expression')).matcher(text.slice(start, end));
  for (let found = matcher.find(); found; found = matcher.find()) {
    const group = rule.secretGroup ?? firstGroup(matcher);
    const secret = matcher.group(group) ?? '';
    const from = start + matcher.start(group);
    const whole = matcher.group() ?? '';
    const line = text.slice(text.lastIndexOf('\n', from) + 1, endOfLine(text, from));
    const isWeak = rule.entropy !== undefined && entropyBits(secret) <= rule.entropy;
    const isAllowed = judge.allowlists.some((list) => allows(list, { secret, match: whole, line }, judge.expression));
    if (secret !== '' && !isWeak && !isAllowed) yield { rule: rule.id, start: from, end: from + secret.length };
  }
}

/** The secret of an expression with groups is the first that holds anything. */
function firstGroup(matcher: ReturnType<RE2JS['matcher']>): number {
  for (let group = 1; group <= matcher.groupCount(); group += 1) {
    if ((matcher.group(group) ?? '') !== '') return group;
  }
  return 0;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** Shannon's entropy of the characters. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / text.length);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

/** Lists that ask for a path too are about files that are not ours. */
function allows(
  list: CredentialAllowlist,
  target: { readonly secret: string; readonly match: string; readonly line: string },
  expression: Judge['expression'],
): boolean {
  const { condition, regexTarget, regexes = [], stopwords = [], paths = [] } = list;
  if (condition === 'AND' && paths.length > 0) return false;
  const read = regexTarget === 'match' || regexTarget === 'line' ? target[regexTarget] : target.secret;
  const matched = regexes.some((source) => expression(source).matcher(read).find());
  const stopped = stopwords.some((word) => target.secret.toLowerCase().includes(word));
  return condition === 'AND' ? matched && (stopwords.length === 0 || stopped) : matched || stopped;
}
