const DAY_MS = 86_400_000;

/**
 * The first moment at which a key is dead, in milliseconds since 1970 (UTC): the end of a day that is given as
 * `2027-06-30`, or the moment itself (RFC 3339). Undefined for a day or a time that does not exist.
 */
export function expiryMs(text: string): number | undefined {
  const day = text.slice(0, 10);
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) return undefined;
  if (text === day) return dayMs + DAY_MS;
  const momentMs = Date.parse(text);
  return Number.isNaN(momentMs) ? undefined : momentMs;
}
