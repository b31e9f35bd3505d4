/** Whole milliseconds of a clock that is never set: a clock put back an hour must not let an engine rest for one. */
export function monotonicMs(): number {
  return Math.trunc(performance.now());
}
