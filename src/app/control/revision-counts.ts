import {
  type CountedRecord,
  countRecord,
  mergeCounters,
  NO_REQUESTS,
  type RevisionCounters,
} from '../../core/rollout/revision-counters.ts';

/** What became of the requests of each revision, over all deciders. */
export interface RevisionCounts {
  /** Counts a record of this process's own decider. */
  readonly count: (record: CountedRecord & { readonly digest: string }) => void;
  /** The totals of another decider, since it started. Totals that fall mean that it started again. */
  readonly take: (decider: string, digest: string, totals: RevisionCounters) => void;
  readonly of: (digest: string) => RevisionCounters;
}

/** This process's own decider among the others. */
const OWN = '';
/** Revisions that are counted; the one that was told of longest ago goes. A rollout looks at two. */
const DIGESTS_MAX = 32;

interface Counted {
  /** Of deciders that started again: what they had counted before. */
  ended: RevisionCounters;
  readonly byDecider: Map<string, RevisionCounters>;
}

export function createRevisionCounts(): RevisionCounts {
  const byDigest = new Map<string, Counted>();
  const countedOf = (digest: string): Counted => {
    const known = byDigest.get(digest) ?? { ended: NO_REQUESTS, byDecider: new Map() };
    byDigest.delete(digest);
    byDigest.set(digest, known);
    const [oldest] = byDigest.keys();
    if (byDigest.size > DIGESTS_MAX && oldest !== undefined) byDigest.delete(oldest);
    return known;
  };
  return {
    count: (record) => {
      const { byDecider } = countedOf(record.digest);
      byDecider.set(OWN, countRecord(byDecider.get(OWN) ?? NO_REQUESTS, record));
    },
    take: (decider, digest, totals) => {
      const counted = countedOf(digest);
      const before = counted.byDecider.get(decider);
      if (before !== undefined && totals.requests < before.requests) {
        counted.ended = mergeCounters(counted.ended, before);
      }
      counted.byDecider.set(decider, totals);
    },
    of: (digest) => {
      const { ended, byDecider } = byDigest.get(digest) ?? { ended: NO_REQUESTS, byDecider: new Map() };
      return [...byDecider.values()].reduce(mergeCounters, ended);
    },
  };
}
