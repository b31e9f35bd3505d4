import type { Digest } from '../../core/base/digest.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { countRecord, NO_REQUESTS, type RevisionCounters } from '../../core/rollout/revision-counters.ts';
import type { CountersByDigest } from '../../io/bundles/bundle-messages.ts';

/** What became of the requests of this process, by revision, since it started. */
export interface OwnCounters {
  readonly count: (record: DecisionRecord) => void;
  readonly all: () => CountersByDigest;
  /** Those that changed since this was asked last. */
  readonly changed: () => CountersByDigest;
}

/** Revisions that are counted: more than a decider holds. That of which nothing came for longest is forgotten. */
const DIGESTS_MAX = 100;

export function createOwnCounters(): OwnCounters {
  const totals = new Map<Digest, RevisionCounters>();
  let changed = new Set<Digest>();
  return {
    count: (record) => {
      const { digest } = record;
      const before = totals.get(digest) ?? NO_REQUESTS;
      const after = countRecord(before, record);
      if (after === before) return;
      totals.delete(digest);
      totals.set(digest, after);
      changed.add(digest);
      const [oldest] = totals.keys();
      if (totals.size > DIGESTS_MAX && oldest !== undefined) totals.delete(oldest);
    },
    all: () => new Map(totals),
    changed: () => {
      const since = changed;
      changed = new Set();
      return new Map([...totals].filter(([digest]) => since.has(digest)));
    },
  };
}
