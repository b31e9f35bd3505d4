import type { DecisionRecord } from '../../core/decide/record.ts';
import {
  type CounterKey,
  counterKey,
  countRecord,
  NO_REQUESTS,
  type RevisionCounters,
} from '../../core/rollout/revision-counters.ts';
import type { CountersByKey } from '../../io/bundles/bundle-messages.ts';

/** What became of the requests of this process, by revision and fleet, since it started. */
export interface OwnCounters {
  readonly count: (record: DecisionRecord, fleet: string) => void;
  readonly all: () => CountersByKey;
  /** Those that changed since this was asked last. */
  readonly changed: () => CountersByKey;
}

/** Revisions that are counted, each fleet for itself. That of which nothing came for longest is forgotten. */
const COUNTED_MAX = 1_024;

export function createOwnCounters(): OwnCounters {
  const totals = new Map<CounterKey, RevisionCounters>();
  let changed = new Set<CounterKey>();
  return {
    count: (record, fleet) => {
      const key = counterKey(record.digest, fleet);
      const before = totals.get(key) ?? NO_REQUESTS;
      const after = countRecord(before, record);
      if (after === before) return;
      totals.delete(key);
      totals.set(key, after);
      changed.add(key);
      const [oldest] = totals.keys();
      if (totals.size > COUNTED_MAX && oldest !== undefined) totals.delete(oldest);
    },
    all: () => new Map(totals),
    changed: () => {
      const since = changed;
      changed = new Set();
      return new Map([...totals].filter(([key]) => since.has(key)));
    },
  };
}
