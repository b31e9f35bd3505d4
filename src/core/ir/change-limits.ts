import type { Origin } from './origin.ts';

/** How much one commit may move, as the revision says that it would change. */
export interface ChangeLimits {
  readonly name: string;
  readonly origin: Origin;
  readonly perCommit: CommitLimits;
}

/** Absent members limit nothing. */
export interface CommitLimits {
  /** The share of requests that may get another offer, 0 to 1. */
  readonly trafficMoved?: number;
  /** The share of requests that may be refused and were not before, 0 to 1. */
  readonly newDenials?: number;
  /** USD a day that may be added. */
  readonly costPerDayUsd?: number;
  readonly fleetsTouched?: number;
  /** Teams whose requests may change. */
  readonly teamsTouched?: number;
}
