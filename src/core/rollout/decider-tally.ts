import type { Digest } from '../base/digest.ts';
import { countersSince, mergeCounters, NO_REQUESTS, type RevisionCounters } from './revision-counters.ts';

type ByDigest = ReadonlyMap<Digest, RevisionCounters>;

/**
 * What became of the requests of all deciders of their own since the control plane started. Each tells totals since its
 * own start: what it tells first is where the count begins, so a control plane that was away does not take an old
 * decider's history for news.
 */
export interface DeciderTally {
  readonly totals: ByDigest;
  /** By instance: what it told last. */
  readonly told: ReadonlyMap<string, ByDigest>;
}

export const EMPTY_TALLY: DeciderTally = { totals: new Map(), told: new Map() };

/** Digests that are counted: far more than are rolled out at one time. The oldest are forgotten. */
const DIGESTS_MAX = 200;

/** An instance tells its totals; of digests that it leaves out they are as they were. */
export function tell(tally: DeciderTally, instance: string, counters: ByDigest): DeciderTally {
  const before = tally.told.get(instance);
  const told = new Map(tally.told).set(instance, new Map([...(before ?? []), ...counters]));
  if (before === undefined) return { ...tally, told };
  const totals = new Map(tally.totals);
  for (const [digest, now] of counters) {
    const news = countersSince(now, before.get(digest) ?? NO_REQUESTS);
    const sum = mergeCounters(totals.get(digest) ?? NO_REQUESTS, news);
    // To the end: those of which nothing is told any more are the first to go.
    totals.delete(digest);
    totals.set(digest, sum);
  }
  return { totals: new Map([...totals].slice(-DIGESTS_MAX)), told };
}

/** An instance will tell nothing more. What it told stays counted. */
export function forget(tally: DeciderTally, instance: string): DeciderTally {
  return { ...tally, told: new Map([...tally.told].filter(([each]) => each !== instance)) };
}
