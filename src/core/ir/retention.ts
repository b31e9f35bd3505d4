import { durationMs } from '../base/duration.ts';

/** How long data is kept, in milliseconds: `zero`, or a number of days. Who does not say it keeps it for ever. */
export function retentionMs(retention: string | undefined): number {
  if (retention === 'zero') return 0;
  return (retention === undefined ? undefined : durationMs(retention)) ?? Number.POSITIVE_INFINITY;
}
