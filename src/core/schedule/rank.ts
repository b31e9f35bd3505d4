import type { Rng } from '../base/rng.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Candidate } from './candidate.ts';

/** A candidate with its price in seconds, cheapest first in a ranking. */
export interface RankedEndpoint extends Candidate {
  readonly costSeconds: number;
}

/** A prompt token of our own weighs more than one in the queue: it costs this request and all behind it. */
const PROMPT_WEIGHT = 1.5;
/** Each running answer slows a prefill by about a tenth: both share the GPU's steps. */
const ACTIVE_SLOWDOWN = 0.1;
/** Above this share of its KV cache an engine soon preempts requests; the price rises to KV_COST_SECONDS_MAX at 1. */
const KV_USAGE_FREE = 0.9;
const KV_COST_SECONDS_MAX = 5;
/** Costs this close are a tie that chance decides, so that deciders which see the same do not pick the same. */
const TIE_SHARE = 0.03;
/** No client feels less than this: at light load equals share the traffic, and so each of them is learned. */
const TIE_SECONDS = 0.002;

/** Seconds until the first token, as predicted for a prompt of this many tokens. */
export function costSeconds(candidate: Candidate, promptTokens: number): number {
  const work = candidate.queuedTokens + PROMPT_WEIGHT * promptTokens;
  const prefill = (work / candidate.prefillTokensPerSecond) * (1 + ACTIVE_SLOWDOWN * candidate.activeRequests);
  return prefill + kvCost(candidate.kvUsage ?? 0);
}

function kvCost(kvUsage: number): number {
  if (kvUsage <= KV_USAGE_FREE) return 0;
  return ((Math.min(1, kvUsage) - KV_USAGE_FREE) / (1 - KV_USAGE_FREE)) * KV_COST_SECONDS_MAX;
}

/** Seconds that a request would stand in this endpoint's queue before its own prefill begins. */
export function waitSeconds(candidate: Candidate): number {
  return candidate.queuedTokens / candidate.prefillTokensPerSecond;
}

/**
 * The endpoints that may serve a request, best first: the cheapest, then the others as places to retry. An endpoint
 * that is down is not among them. With the same candidates, in any order, and the same chance the ranking is the same.
 */
export function rankEndpoints(candidates: readonly Candidate[], promptTokens: number, rng: Rng): RankedEndpoint[] {
  const ranked = candidates
    .filter((candidate) => !candidate.down)
    .map((candidate) => ({ ...candidate, costSeconds: costSeconds(candidate, promptTokens) }))
    .sort((left, right) => left.costSeconds - right.costSeconds || byCodeUnit(left.address, right.address));
  const cheapest = ranked[0];
  if (cheapest === undefined) return [];
  const tieSeconds = Math.max(cheapest.costSeconds * (1 + TIE_SHARE), cheapest.costSeconds + TIE_SECONDS);
  const tied = ranked.filter((endpoint) => endpoint.costSeconds <= tieSeconds).length;
  const [picked] = ranked.splice(Math.floor(rng.next() * tied), 1);
  return picked === undefined ? ranked : [picked, ...ranked];
}
