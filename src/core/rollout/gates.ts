import type { Gates } from '../ir/rollout-plan.ts';
import { BUCKETS_MAX, bucketFloorMs, type RevisionCounters } from './revision-counters.ts';

/** The gates that compare the requests of two revisions. */
export type RateGate = 'errorRateRise' | 'denyRateRise' | 'costRise' | 'firstTokenP99Rise';

/** What a gate found: shares from 0 to 1, USD per request, or milliseconds. */
export interface GateFigure {
  readonly gate: RateGate;
  readonly before: number;
  readonly now: number;
  /** The worst value that the gate lets pass. */
  readonly allowed: number;
  readonly isBroken: boolean;
}

export interface Judgement {
  /** One for each gate that is set; none where too few requests were answered by either. */
  readonly figures: readonly GateFigure[];
  /** Whether any gate could say something; true where none is set. */
  readonly isMeasured: boolean;
}

/** What is said before anybody looked. */
export const UNJUDGED: Judgement = { figures: [], isMeasured: false };

/**
 * A value breaks a gate only where it does so beyond the doubt of 95 of 100: with few requests a single failure is no
 * rise. The quantile of the one-sided normal distribution.
 */
const DOUBT = 1.645;
const SLOW_SHARE = 0.01;

/** Compares what a revision did with what the one before it did in the same time. */
export function judgeGates(
  gates: Gates,
  requestsMin: number,
  candidate: RevisionCounters,
  previous: RevisionCounters,
): Judgement {
  if (!hasRateGates(gates)) return { figures: [], isMeasured: true };
  if (candidate.requests < Math.max(1, requestsMin) || previous.requests === 0) return UNJUDGED;
  const { errorRateRise, denyRateRise, costRise, firstTokenP99Rise } = gates;
  const figures = [
    ...(errorRateRise === undefined ? [] : [rateFigure('errorRateRise', 'errors', errorRateRise, candidate, previous)]),
    ...(denyRateRise === undefined ? [] : [rateFigure('denyRateRise', 'denials', denyRateRise, candidate, previous)]),
    ...(costRise === undefined ? [] : [costFigure(costRise, candidate, previous)]),
    ...(firstTokenP99Rise === undefined ? [] : firstTokenFigure(firstTokenP99Rise, candidate, previous)),
  ];
  return { figures, isMeasured: true };
}

/** Whether any gate looks at requests. */
export function hasRateGates({ errorRateRise, denyRateRise, costRise, firstTokenP99Rise }: Gates): boolean {
  return [errorRateRise, denyRateRise, costRise, firstTokenP99Rise].some((gate) => gate !== undefined);
}

function rateFigure(
  gate: RateGate,
  counted: 'errors' | 'denials',
  rise: number,
  candidate: RevisionCounters,
  previous: RevisionCounters,
): GateFigure {
  const before = previous[counted] / previous.requests;
  const allowed = before + rise;
  const now = candidate[counted] / candidate.requests;
  return { gate, before, now, allowed, isBroken: leastShare(candidate[counted], candidate.requests) > allowed };
}

function costFigure(rise: number, candidate: RevisionCounters, previous: RevisionCounters): GateFigure {
  const before = previous.costUsd / previous.requests;
  const now = candidate.costUsd / candidate.requests;
  const variance = Math.max(0, candidate.costUsdSquares / candidate.requests - now * now);
  const least = now - DOUBT * Math.sqrt(variance / candidate.requests);
  const allowed = before * (1 + rise);
  return { gate: 'costRise', before, now, allowed, isBroken: least > allowed };
}

/** The 99th percentile has risen above a time when more than one answer in a hundred took longer. */
function firstTokenFigure(rise: number, candidate: RevisionCounters, previous: RevisionCounters): GateFigure[] {
  const [before, now] = [slowestMs(previous), slowestMs(candidate)];
  if (before === undefined || now === undefined) return [];
  const allowed = before * (1 + rise);
  let [answers, slow] = [0, 0];
  for (const [bucket, count] of Object.entries(candidate.firstTokens)) {
    answers += count;
    if (bucketFloorMs(Number(bucket)) >= allowed) slow += count;
  }
  return [{ gate: 'firstTokenP99Rise', before, now, allowed, isBroken: leastShare(slow, answers) > SLOW_SHARE }];
}

/** The 99th percentile of the times to the first token, rounded up to the end of its bucket. */
function slowestMs({ firstTokens }: RevisionCounters): number | undefined {
  const answers = Object.values(firstTokens).reduce((sum, count) => sum + count, 0);
  if (answers === 0) return undefined;
  let above = answers * SLOW_SHARE;
  for (let bucket = BUCKETS_MAX - 1; bucket > 0; bucket -= 1) {
    above -= firstTokens[bucket] ?? 0;
    if (above < 0) return bucketFloorMs(bucket + 1);
  }
  return bucketFloorMs(1);
}

/** The least that the share can be in truth (Wilson's score interval, lower end). */
function leastShare(count: number, of: number): number {
  const share = count / of;
  const square = DOUBT * DOUBT;
  const middle = share + square / (2 * of);
  const half = DOUBT * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  return (middle - half) / (1 + square / of);
}
