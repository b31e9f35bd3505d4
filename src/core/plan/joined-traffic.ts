import { byCodeUnit } from '../base/text-order.ts';
import type { CorpusLine } from './corpus.ts';
import { corpusSpanMs, type TrafficChanges } from './traffic-changes.ts';

/**
 * What limits look at in the changes of a corpus that was replayed in parts, so that nobody waits for the whole of it.
 * @param corpus all of its lines, whose times say what a day costs
 */
export function joinedTraffic(
  parts: readonly TrafficChanges[],
  corpus: readonly CorpusLine[],
): Pick<TrafficChanges, 'moved' | 'newDenials' | 'costPerDayUsd' | 'teams'> {
  const sum = (value: (part: TrafficChanges) => number) => parts.reduce((total, part) => total + value(part), 0);
  const replayed = sum(({ requests, notReplayable }) => requests - notReplayable.policy - notReplayable.header);
  const share = (count: number) => ({ count, share: replayed === 0 ? 0 : count / replayed });
  const span = corpusSpanMs(corpus);
  return {
    moved: share(sum(({ moved }) => moved.count)),
    newDenials: share(sum(({ newDenials }) => newDenials.count)),
    costPerDayUsd: {
      base: sum(({ costPerDayUsd, spanMs }) => costPerDayUsd.base * spanMs) / span,
      head: sum(({ costPerDayUsd, spanMs }) => costPerDayUsd.head * spanMs) / span,
    },
    teams: [...new Set(parts.flatMap(({ teams }) => teams))].sort(byCodeUnit),
  };
}
