import type { FleetChange } from './envoy-changes.ts';
import type { TrafficChanges } from './traffic-changes.ts';

/** How much one commit may move; absent for no limit. */
export interface CommitLimits {
  /** The share of requests that may get another offer, 0 to 1. */
  readonly trafficMoved?: number;
  /** The share of requests that may be refused and were not before, 0 to 1. */
  readonly newDenials?: number;
  /** USD a day that may be added. */
  readonly costPerDayUsd?: number;
  readonly fleetsTouched?: number;
  readonly teamsTouched?: number;
}

/** One limit beside what the change comes to. */
export interface LimitCheck {
  readonly limit: keyof CommitLimits;
  readonly allowed: number;
  /** Undefined where only a corpus could say. */
  readonly actual?: number;
  readonly isBreached: boolean;
}

/** The checks of every limit that is set, in their order. Without a corpus what it would tell is not known, and not breached. */
export function limitChecks(
  limits: CommitLimits,
  fleets: readonly FleetChange[],
  traffic: TrafficChanges | undefined,
): LimitCheck[] {
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
