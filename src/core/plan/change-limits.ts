import type { ChangeLimits, CommitLimits } from '../ir/change-limits.ts';
import type { FleetChange } from './envoy-changes.ts';
import type { TrafficChanges } from './traffic-changes.ts';

/** One limit beside what the change comes to. */
export interface LimitCheck {
  readonly limit: keyof CommitLimits;
  readonly allowed: number;
  /** Undefined where only a corpus could say. */
  readonly actual?: number;
  readonly isBreached: boolean;
}

/** Of several documents the tightest limit counts, each for itself. */
function tightest(documents: readonly ChangeLimits[]): CommitLimits {
  const limits: { -readonly [limit in keyof CommitLimits]: number } = {};
  for (const { perCommit } of documents) {
    for (const [name, value] of Object.entries(perCommit) as [keyof CommitLimits, number][]) {
      limits[name] = Math.min(limits[name] ?? value, value);
    }
  }
  return limits;
}

/** The checks of every limit that is set, in their order. Without a corpus what it would tell is not known, and not breached. */
export function limitChecks(
  documents: readonly ChangeLimits[],
  fleets: readonly FleetChange[],
  traffic: TrafficChanges | undefined,
): LimitCheck[] {
  const limits = tightest(documents);
  const cost = traffic && traffic.costPerDayUsd.head - traffic.costPerDayUsd.base;
  return [
    ...check('trafficMoved', limits.trafficMoved, traffic?.moved.share),
    ...check('newDenials', limits.newDenials, traffic?.newDenials.share),
    ...check('costPerDayUsd', limits.costPerDayUsd, cost),
    ...check('fleetsTouched', limits.fleetsTouched, fleets.length),
    ...check('teamsTouched', limits.teamsTouched, traffic?.teams.length),
  ];
}

function check(limit: keyof CommitLimits, allowed: number | undefined, actual: number | undefined): LimitCheck[] {
  if (allowed === undefined) return [];
  if (actual === undefined) return [{ limit, allowed, isBreached: false }];
  return [{ limit, allowed, actual, isBreached: actual > allowed }];
}
