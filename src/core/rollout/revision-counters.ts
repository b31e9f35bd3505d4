import { assert } from '../base/assert.ts';
import type { Digest } from '../base/digest.ts';

/**
 * What became of the requests that were decided by one revision, as totals since their decider started. Plain data: a
 * decider of its own sends it as it is.
 */
export interface RevisionCounters {
  readonly requests: number;
  /** The client got a status of 500 or more, or no attempt succeeded. */
  readonly errors: number;
  /** Refused by identity, by a rule or by a policy, before or during the answer. */
  readonly denials: number;
  readonly costUsd: number;
  /** The sum of the squares of the costs of the requests: how far they lie apart. */
  readonly costUsdSquares: number;
  /**
   * Times from a request's first message to the headers of its answer, the nearest thing to the first token that the
   * decider sees: index of a bucket → answers. Bucket i holds times from `bucketFloorMs(i)` up to the next one's.
   */
  readonly firstTokens: Readonly<Record<number, number>>;
}

/** Whose requests are counted together: those of one fleet (its `node.cluster`) that one revision decided. */
export type CounterKey = `${Digest} ${string}`;

export function counterKey(digest: Digest, fleet: string): CounterKey {
  return `${digest} ${fleet}`;
}

/** As far as the counters look at a decision record that has its outcome. */
export interface CountedRecord {
  readonly refusal?: { readonly reason: string };
  readonly outcome?: {
    readonly kind: 'answered' | 'incomplete' | 'refused' | 'blocked' | 'failed';
    readonly status: number;
    readonly costMicroUsd: number;
    readonly headersMs?: number;
  };
}

export const NO_REQUESTS: RevisionCounters = {
  requests: 0,
  errors: 0,
  denials: 0,
  costUsd: 0,
  costUsdSquares: 0,
  firstTokens: {},
};

/** Each bucket is a tenth wider than the one before: the error of a quantile. The last one begins at about 24 minutes. */
const BUCKET_GROWTH = 1.1;
export const BUCKETS_MAX = 150;
const SERVER_ERROR = 500;

/** Totals with one record more. One without an outcome is not over and counts nothing. */
export function countRecord(counters: RevisionCounters, { outcome }: CountedRecord): RevisionCounters {
  if (outcome === undefined) return counters;
  const { kind, status, costMicroUsd, headersMs } = outcome;
  const isError = kind === 'failed' || status >= SERVER_ERROR;
  const isDenied = !isError && (kind === 'refused' || kind === 'blocked');
  const costUsd = costMicroUsd / 1e6;
  return {
    requests: counters.requests + 1,
    errors: counters.errors + (isError ? 1 : 0),
    denials: counters.denials + (isDenied ? 1 : 0),
    costUsd: counters.costUsd + costUsd,
    costUsdSquares: counters.costUsdSquares + costUsd * costUsd,
    firstTokens:
      kind === 'answered' && headersMs !== undefined ? counted(counters.firstTokens, headersMs) : counters.firstTokens,
  };
}

/** The totals of both. */
export function mergeCounters(left: RevisionCounters, right: RevisionCounters): RevisionCounters {
  return combined(left, right, 1);
}

/** What came after `earlier`, an older state of the same totals. */
export function countersSince(totals: RevisionCounters, earlier: RevisionCounters): RevisionCounters {
  return combined(totals, earlier, -1);
}

/** The times that begin a bucket; the first one begins at 0. */
export function bucketFloorMs(bucket: number): number {
  return bucket === 0 ? 0 : BUCKET_GROWTH ** bucket;
}

function counted(buckets: Readonly<Record<number, number>>, timeMs: number): Readonly<Record<number, number>> {
  assert(timeMs >= 0, 'a time is not negative');
  const bucket = timeMs < 1 ? 0 : Math.min(BUCKETS_MAX - 1, Math.floor(Math.log(timeMs) / Math.log(BUCKET_GROWTH)));
  return { ...buckets, [bucket]: (buckets[bucket] ?? 0) + 1 };
}

function combined(left: RevisionCounters, right: RevisionCounters, sign: 1 | -1): RevisionCounters {
  const buckets = new Set([...Object.keys(left.firstTokens), ...Object.keys(right.firstTokens)].map(Number));
  const firstTokens = [...buckets].flatMap((bucket): [number, number][] => {
    const count = (left.firstTokens[bucket] ?? 0) + sign * (right.firstTokens[bucket] ?? 0);
    return count === 0 ? [] : [[bucket, count]];
  });
  return {
    requests: left.requests + sign * right.requests,
    errors: left.errors + sign * right.errors,
    denials: left.denials + sign * right.denials,
    costUsd: left.costUsd + sign * right.costUsd,
    costUsdSquares: left.costUsdSquares + sign * right.costUsdSquares,
    firstTokens: Object.fromEntries(firstTokens),
  };
}
