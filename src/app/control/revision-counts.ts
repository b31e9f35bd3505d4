import type { Digest } from '../../core/base/digest.ts';
import {
  type CountedRecord,
  type CounterKey,
  counterKey,
  countRecord,
  mergeCounters,
  NO_REQUESTS,
  type RevisionCounters,
} from '../../core/rollout/revision-counters.ts';

/** What became of the requests of each revision in each fleet, over all deciders. */
export interface RevisionCounts {
  /** Counts a record of this process's own decider. */
  readonly count: (record: CountedRecord & { readonly digest: Digest }, fleet: string) => void;
  /** The totals of another decider, since it started. Totals that fall mean that it started again. */
  readonly take: (decider: string, key: CounterKey, totals: RevisionCounters) => void;
  readonly of: (key: CounterKey) => RevisionCounters;
}

/** This process's own decider among the others. */
const OWN = '';
/**
 * Revisions that are counted, each fleet for itself; the one that was told of longest ago goes. A rollout looks at two of
 * each fleet. Each takes some kilobytes.
 */
const COUNTED_MAX = 1_024;

interface Counted {
  /** Of deciders that started again: what they had counted before. */
  ended: RevisionCounters;
  readonly byDecider: Map<string, RevisionCounters>;
}

export function createRevisionCounts(): RevisionCounts {
  const byKey = new Map<CounterKey, Counted>();
  const countedOf = (key: CounterKey): Counted => {
    const known = byKey.get(key) ?? { ended: NO_REQUESTS, byDecider: new Map() };
    byKey.delete(key);
    byKey.set(key, known);
    const [oldest] = byKey.keys();
    if (byKey.size > COUNTED_MAX && oldest !== undefined) byKey.delete(oldest);
    return known;
  };
  return {
    count: (record, fleet) => {
      const { byDecider } = countedOf(counterKey(record.digest, fleet));
      byDecider.set(OWN, countRecord(byDecider.get(OWN) ?? NO_REQUESTS, record));
    },
    take: (decider, key, totals) => {
      const counted = countedOf(key);
      const before = counted.byDecider.get(decider);
      if (before !== undefined && totals.requests < before.requests) {
        counted.ended = mergeCounters(counted.ended, before);
      }
      counted.byDecider.set(decider, totals);
    },
    of: (key) => {
      const { ended, byDecider } = byKey.get(key) ?? { ended: NO_REQUESTS, byDecider: new Map() };
      return [...byDecider.values()].reduce(mergeCounters, ended);
    },
  };
}
