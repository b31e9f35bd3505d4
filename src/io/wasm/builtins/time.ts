import type { RegoValue } from '../value-text.ts';
import { asItems, type Builtin, BuiltinError, integerAt, integerValue, textAt } from './argument.ts';

const NS_PER_MS = 1_000_000n;
const DAY_MS = 86_400_000;

/** Calendar fields of an instant in a zone; months from 1. */
interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Nanoseconds since 1970 that fit 64 bits, the years 1678 to 2262; others are errors, as in OPA. */
function inRange(ns: bigint): bigint {
  if (BigInt.asIntN(64, ns) !== ns) throw new BuiltinError('the time is out of range');
  return ns;
}

/** The operand of most time builtins: nanoseconds, or `[nanoseconds, zone]`. */
function instant(value: RegoValue | undefined): readonly [ns: bigint, zone: string] {
  const parts = asItems(value ?? null);
  return [inRange(integerAt(parts, 0)), parts.length > 1 ? textAt(parts, 1) : 'UTC'];
}

function floorMs(ns: bigint): number {
  const remainder = ns % NS_PER_MS;
  return Number((ns - (remainder < 0n ? remainder + NS_PER_MS : remainder)) / NS_PER_MS);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(ns: bigint, zone: string): LocalTime {
  const at = new Date(floorMs(ns));
  if (zone !== '' && zone !== 'UTC') return zonedTime(at, zone);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

/** Zones of the IANA database that the host knows: about 600, so the map is bounded. */
function zonedTime(at: Date, zone: string): LocalTime {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
      const rest = { minute: 'numeric', second: 'numeric', hourCycle: 'h23', calendar: 'gregory' } as const;
      format = new Intl.DateTimeFormat('en', { ...numeric, ...rest, timeZone: zone });
    } catch (cause) {
      throw new BuiltinError('unknown time zone', { cause });
    }
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(at).map((part) => [part.type as string, Number(part.value)]));
  const field = (name: string): number => parts.get(name) ?? 0;
  return {
    year: field('year'),
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
  };
}

const date: Builtin = (args) => {
  const { year, month, day } = localTime(...instant(args[0]));
  return [year, month, day];
};

const clock: Builtin = (args) => {
  const { hour, minute, second } = localTime(...instant(args[0]));
  return [hour, minute, second];
};

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const weekday: Builtin = (args) => {
  const { year, month, day } = localTime(...instant(args[0]));
  return WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? '';
};

const addDate: Builtin = (args) => {
  const [ns, zone] = instant(args[0]);
  if (zone !== '' && zone !== 'UTC') throw new BuiltinError('only UTC is supported');
  const at = new Date(floorMs(ns));
  const [years, months, days] = [integerAt(args, 1), integerAt(args, 2), integerAt(args, 3)].map(Number);
  const year = at.getUTCFullYear() + (years ?? 0);
  const moved = new Date(Date.UTC(2000, at.getUTCMonth() + (months ?? 0), 1));
  const start = Date.UTC(year + moved.getUTCFullYear() - 2000, moved.getUTCMonth(), at.getUTCDate() + (days ?? 0));
  if (Number.isNaN(start)) throw new BuiltinError('the date is out of range');
  const withinDay = ns - BigInt(Math.floor(floorMs(ns) / DAY_MS) * DAY_MS) * NS_PER_MS;
  return integerValue(inRange(BigInt(start) * NS_PER_MS + withinDay));
};

/** Years, months, days, hours, minutes and seconds between two instants, in the zone of the first. */
const diff: Builtin = (args) => {
  const [leftNs, zone] = instant(args[0]);
  const [rightNs] = instant(args[1]);
  const [earlier, later] = leftNs <= rightNs ? [leftNs, rightNs] : [rightNs, leftNs];
  const from = localTime(earlier, zone);
  const to = localTime(later, zone);
  const daysInMonth = new Date(Date.UTC(from.year, from.month, 0)).getUTCDate();
  const fields = [to.year - from.year, to.month - from.month, to.day - from.day];
  fields.push(to.hour - from.hour, to.minute - from.minute, to.second - from.second);
  const carries = [0, 12, daysInMonth, 24, 60, 60];
  for (let index = 5; index > 0; index -= 1) {
    const field = fields[index] ?? 0;
    if (field >= 0) continue;
    fields[index] = field + (carries[index] ?? 0);
    fields[index - 1] = (fields[index - 1] ?? 0) - 1;
  }
  return fields;
};

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

const parseRfc3339: Builtin = (args) => {
  const [, base = '', fraction = '', zone = ''] = RFC3339.exec(textAt(args, 0)) ?? [];
  const ms = Date.parse(base + zone);
  const isRealDate = base !== '' && new Date(`${base}Z`).toISOString().startsWith(base);
  if (Number.isNaN(ms) || !isRealDate) throw new BuiltinError('not an RFC 3339 time');
  return integerValue(inRange(BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0'))));
};

const DURATION_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
  d: 86_400e9,
  w: 604_800e9,
  y: 31_536_000e9,
};

const parseDuration: Builtin = (args) => {
  const text = textAt(args, 0);
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smhdwy]))+$/.test(body)) throw new BuiltinError('not a duration');
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|[smhdwy])/g)) {
    const unitNs = BigInt(DURATION_NS[unit] ?? 0);
    total += BigInt(whole) * unitNs + (BigInt(fraction || '0') * unitNs) / 10n ** BigInt(fraction.length);
  }
  return integerValue(text.startsWith('-') ? -total : total);
};

export const TIME_BUILTINS = {
  'time.add_date': addDate,
  'time.clock': clock,
  'time.date': date,
  'time.diff': diff,
  'time.now_ns': (_args, context) => context.nowNs,
  'time.parse_duration_ns': parseDuration,
  'time.parse_rfc3339_ns': parseRfc3339,
  'time.weekday': weekday,
} as const satisfies Readonly<Record<string, Builtin>>;
