import type { RequestFault } from '../server/request-fault.ts';

/** Something that goes wrong with a simulated engine on command. */
export type EngineFault =
  /** Meets the next `count` completions, all of them without one; replaces the request fault before it. */
  | (RequestFault & { readonly count?: number })
  /** Every step takes so many times as long, as on a throttled GPU. */
  | { readonly kind: 'slow'; readonly factor: number }
  /** The gauges of GET /metrics say that the engine is idle. */
  | { readonly kind: 'lie' }
  /** GET /metrics repeats what it would have said at this moment. */
  | { readonly kind: 'stale-metrics' }
  /** Ends every fault. */
  | { readonly kind: 'none' };
