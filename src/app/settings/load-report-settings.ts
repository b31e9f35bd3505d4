import { z } from 'zod';
import { durationMs } from '../../core/base/duration.ts';

/** More often is more work for every proxy than the figures are worth; rarer says nothing of now. */
const INTERVAL_MS_MIN = 1_000;
const INTERVAL_MS_MAX = 3_600_000;

/** How often proxies that are set up for it report how their upstreams fare. Absent: nobody wants to know. */
export const loadReportShape = z
  .string()
  .refine((text) => isInterval(durationMs(text)), 'write 1s at least and 1h at the most')
  .transform((text) => durationMs(text) ?? INTERVAL_MS_MAX)
  .optional();

function isInterval(intervalMs: number | undefined): boolean {
  return intervalMs !== undefined && intervalMs >= INTERVAL_MS_MIN && intervalMs <= INTERVAL_MS_MAX;
}
