import { sameJson } from '../base/same-json.ts';
import { byCodeUnit } from '../base/text-order.ts';

/** Words for the fields of the model whose own names say their unit or little. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  contextTokens: 'context in tokens',
  maxOutputTokens: 'maximum output in tokens',
  inputUsd: 'input price',
  cachedInputUsd: 'cached input price',
  outputUsd: 'output price',
  bodyBytesMax: 'largest body in bytes',
  expiresAtMs: 'end',
  headersMs: 'time-out for headers in ms',
  answerMs: 'time-out for answers in ms',
  idleMs: 'time-out when idle in ms',
  totalMs: 'time-out in all in ms',
  untilWaitMs: 'longest wait in ms',
  costPerDayUsd: 'USD a day added',
  intervalMs: 'interval in ms',
};

/** A text longer than this is cut: a hash need not be read, it need only be seen to differ. */
const VALUE_LENGTH_MAX = 60;

/** What differs between two forms of a node, a sentence part for each field: `context: 8000 -> 16000`. */
export function fieldChanges(base: unknown, head: unknown, path = ''): string[] {
  if (sameJson(base, head)) return [];
  if (isList(base) && isList(head)) return listChanges(base, head, path);
  if (isObject(base) && isObject(head)) {
    const keys = [...new Set([...Object.keys(base), ...Object.keys(head)])];
    return keys.flatMap((key) => fieldChanges(base[key], head[key], joined(path, fieldWord(key))));
  }
  return [`${path}: ${valueText(path, base)} -> ${valueText(path, head)}`];
}

function listChanges(base: readonly unknown[], head: readonly unknown[], path: string): string[] {
  const names = [...base, ...head].map(nameOf);
  if (names.every((name) => name !== undefined)) return namedChanges(base, head, path);
  if ([...base, ...head].some((item) => isObject(item))) {
    const longest = Array.from({ length: Math.max(base.length, head.length) }, (_, index) => index);
    return longest.flatMap((index) => {
      const place = longest.length === 1 ? path.replace(/ ?[^ ]+$/, '') : `${path.replace(/s$/, '')} ${index + 1}`;
      const [before, after] = [base[index], head[index]];
      if (before === undefined) return [`${place}: added (${valueText(path, after)})`];
      if (after === undefined) return [`${place}: removed (${valueText(path, before)})`];
      return fieldChanges(before, after, place);
    });
  }
  return [`${path}: ${valueText(path, base)} -> ${valueText(path, head)}`];
}

function namedChanges(base: readonly unknown[], head: readonly unknown[], path: string): string[] {
  const before = new Map(base.map((item) => [nameOf(item) ?? '', item]));
  const after = new Map(head.map((item) => [nameOf(item) ?? '', item]));
  const one = path.replace(/s$/, '');
  const changes = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit).flatMap((name) => {
    if (!after.has(name)) return [`${one} ${name}: removed`];
    if (!before.has(name)) return [`${one} ${name}: added`];
    return fieldChanges(before.get(name), after.get(name), `${one} ${name}`);
  });
  const order = (items: ReadonlyMap<string, unknown>) => [...items.keys()].join(', ');
  return changes.length === 0 ? [`order of ${path}: ${order(before)} -> ${order(after)}`] : changes;
}

/** By what an item of a list is known among its like. */
function nameOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { name, address } = item;
  const known = name ?? address;
  return typeof known === 'string' ? known : undefined;
}

function valueText(path: string, value: unknown): string {
  if (value === undefined) return 'not set';
  if (isList(value)) return value.length === 0 ? 'none' : `[${value.map((item) => valueText(path, item)).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${fieldWord(key)} ${valueText(key, member)}`);
    return members.length === 0 ? 'none' : members.join(', ');
  }
  if (path.endsWith('end') && typeof value === 'number') return dayText(value);
  const text = String(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, 24)}...` : text;
}

/** The day (UTC) of a time in milliseconds, as `2027-06-30`: the core has no Date. */
function dayText(timeMs: number): string {
  const days = Math.floor(timeMs / 86_400_000) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const year = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  // Years of this count begin in March.
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarYear = year + era * 400 + (month >= 10 ? 1 : 0);
  return [calendarYear, month < 10 ? month + 3 : month - 9, day].map((part) => String(part).padStart(2, '0')).join('-');
}

function fieldWord(key: string): string {
  return FIELD_WORDS[key] ?? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function joined(path: string, word: string): string {
  return path === '' ? word : `${path} ${word}`;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
