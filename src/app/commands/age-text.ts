const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long something takes or is ago, by its largest unit: `40s`, `5m`, `3h`, `12d`. */
export function ageText(durationMs: number): string {
  const lastingMs = Math.max(0, durationMs);
  if (lastingMs < MINUTE_MS) return `${Math.floor(lastingMs / SECOND_MS)}s`;
  if (lastingMs < HOUR_MS) return `${Math.floor(lastingMs / MINUTE_MS)}m`;
  if (lastingMs < 2 * DAY_MS) return `${Math.floor(lastingMs / HOUR_MS)}h`;
  return `${Math.floor(lastingMs / DAY_MS)}d`;
}

/** A time of day with its date, to the second. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
