import { type EndpointLoad, endpointLoad, isDown, type Ledger, queuedTokens } from '../load/ledger.ts';
import type { EngineReport } from '../load/report.ts';

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

/** An older report says nothing of the moment any more; the choice then rests on our own ledger. */
const REPORT_AGE_MS_MAX = 5_000;

/** What is known of an endpoint now. Gauges raise what our own ledger says and never lower it. */
export function candidateOf(ledger: Ledger, address: string, nowMs: number): Candidate {
  const load = endpointLoad(ledger, address);
  const { report } = load;
  const fresh = report !== undefined && nowMs - report.atMs <= REPORT_AGE_MS_MAX ? report : undefined;
  const kvUsage = kvUsageOf(load, fresh);
  return {
    address,
    queuedTokens: Math.round(queuedTokens(load, nowMs)),
    activeRequests: Math.max(load.activeRequests, fresh?.running ?? 0),
    prefillTokensPerSecond: Math.round(load.prefillTokensPerSecond),
    ...(kvUsage === undefined ? {} : { kvUsage }),
    down: isDown(load, nowMs),
  };
}

/** The engine's word, or what our own requests will hold of its cache once they are whole, whichever is more. */
function kvUsageOf(load: EndpointLoad, fresh: EngineReport | undefined): number | undefined {
  const capacityTokens = (load.report?.kvBlocks ?? 0) * (load.report?.kvBlockTokens ?? 0);
  const reserved = capacityTokens > 0 ? Math.min(1, load.reservedTokens / capacityTokens) : undefined;
  if (reserved === undefined) return fresh?.kvUsage;
  return Math.max(reserved, fresh?.kvUsage ?? 0);
}
