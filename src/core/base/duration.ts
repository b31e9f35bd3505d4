const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The form of a duration in our documents: a whole number and a unit (ms, s, m, h or d), such as `10s`. */
export const DURATION_PATTERN = '^[0-9]{1,9}(ms|s|m|h|d)$';

/** Milliseconds of a text that DURATION_PATTERN accepts, undefined for any other. */
export function durationMs(text: string): number | undefined {
  const match = /^([0-9]{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN);
}
