const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const MOMENT =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d{1,3}))?(?:Z|(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d)))?$/;

/**
 * The first moment at which a key is dead, in milliseconds since 1970 (UTC): the end of a day that is given as
 * `2027-06-30`, or the moment itself (RFC 3339, without leap seconds). Undefined for a day or a time that does not exist.
 */
export function expiryMs(text: string): number | undefined {
  const parts = MOMENT.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const days = daysSince1970(Number(parts.year), Number(parts.month), Number(parts.day));
  if (days === undefined) return undefined;
  if (parts.hour === undefined) return (days + 1) * DAY_MS;
  const time = clockMs(parts.hour, parts.minute, parts.second);
  const offset = clockMs(parts.offsetHour, parts.offsetMinute, '0');
  if (time === undefined || offset === undefined) return undefined;
  const fraction = Number((parts.fraction ?? '').padEnd(3, '0'));
  return days * DAY_MS + time + fraction - (parts.sign === '-' ? -offset : offset);
}

function clockMs(hour = '0', minute = '0', second = '0'): number | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * SECOND_MS;
}

/** By the Gregorian calendar; undefined for a day that its month does not have. */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || day < 1 || day > length) return undefined;
  const before = lengths.slice(0, month - 1).reduce((sum, days) => sum + days, 0);
  return leapDays(year) - leapDays(1970) + (year - 1970) * 365 + before + day - 1;
}

/** Leap days in the years before this one. */
function leapDays(year: number): number {
  const past = year - 1;
  return Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}
