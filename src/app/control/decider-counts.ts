import { countersSince, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import type { CountersByKey, Hello } from '../../io/bundles/bundle-messages.ts';
import type { RevisionCounts } from './revision-counts.ts';

/** What deciders of their own count, from where each began to tell. */
export interface DeciderCounts {
  readonly take: (decider: Hello, counters: CountersByKey) => void;
  /** The requests of a decider that are counted. */
  readonly decidedBy: (decider: string) => number;
  readonly forget: (decider: string) => void;
}

/**
 * A decider tells totals since its own start. What it tells first is where its count begins here: else a control plane
 * that was away would take an old decider's history for news.
 */
export function createDeciderCounts(counts: Pick<RevisionCounts, 'take'>): DeciderCounts {
  const first = new Map<string, { readonly instance: string; readonly counters: CountersByKey }>();
  const decided = new Map<string, ReadonlyMap<string, number>>();
  return {
    take: ({ decider, instance }, counters) => {
      const before = first.get(decider);
      if (before?.instance !== instance) {
        first.set(decider, { instance, counters });
        decided.delete(decider);
        return;
      }
      const sums = new Map(decided.get(decider));
      for (const [key, totals] of counters) {
        const news = countersSince(totals, before.counters.get(key) ?? NO_REQUESTS);
        counts.take(decider, key, news);
        sums.set(key, news.requests);
      }
      decided.set(decider, sums);
    },
    decidedBy: (decider) => [...(decided.get(decider)?.values() ?? [])].reduce((sum, requests) => sum + requests, 0),
    forget: (decider) => {
      first.delete(decider);
      decided.delete(decider);
    },
  };
}
