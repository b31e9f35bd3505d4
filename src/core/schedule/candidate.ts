import { endpointLoad, isDown, type Ledger, queuedTokens } from '../load/ledger.ts';

/** What a pick looked at for one endpoint; it goes into the record as it is. */
export interface Candidate {
  readonly address: string;
  readonly queuedTokens: number;
  readonly activeRequests: number;
  readonly prefillTokensPerSecond: number;
  /** 0 to 1; absent when the engine did not say, or too long ago. */
  readonly kvUsage?: number;
  readonly down: boolean;
}

/** An older report says nothing about the KV cache any more; the choice then rests on our own ledger. */
const REPORT_AGE_MS_MAX = 5_000;

export function candidateOf(ledger: Ledger, address: string, nowMs: number): Candidate {
  const load = endpointLoad(ledger, address);
  const { report } = load;
  const fresh = report !== undefined && nowMs - report.atMs <= REPORT_AGE_MS_MAX;
  return {
    address,
    queuedTokens: Math.round(queuedTokens(load, nowMs)),
    activeRequests: load.activeRequests,
    prefillTokensPerSecond: Math.round(load.prefillTokensPerSecond),
    ...(fresh && report.kvUsage !== undefined ? { kvUsage: report.kvUsage } : {}),
    down: isDown(load, nowMs),
  };
}
