import type { Origin } from './origin.ts';

/** How much one commit may move, as the revision says that it would change. */
export interface ChangeLimits {
  readonly name: string;
  readonly origin: Origin;
  /** The limits of any commit. */
  readonly perCommit: CommitLimits;
  /** Those of commits without a verified signature; absent: the tightest of all rows. */
  readonly unsigned?: CommitLimits;
  /** Those of the commits of one signer; what a row leaves out is as for any commit. */
  readonly signers: readonly SignerLimits[];
}

export interface SignerLimits {
  readonly signer: string;
  readonly limits: CommitLimits;
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
  /** The share of a fleet's clusters, or of its listeners, that may be removed, 0 to 1. */
  readonly removed?: number;
}
