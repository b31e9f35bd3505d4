import type { ChangeLimits, CommitLimits } from '../ir/change-limits.ts';
import type { FleetChange } from './envoy-changes.ts';
import type { Removal } from './removal.ts';
import type { TrafficChanges } from './traffic-changes.ts';

/** One limit beside what the change comes to. */
export interface LimitCheck {
  readonly limit: keyof CommitLimits;
  readonly allowed: number;
  /** Undefined where only a corpus could say. */
  readonly actual?: number;
  readonly isBreached: boolean;
}

/** What a change comes to, as far as limits look at it. Without a corpus there is no traffic. */
export interface LimitedChange {
  readonly fleets: readonly FleetChange[];
  /** The largest share first. */
  readonly removals: readonly Removal[];
  readonly traffic: Pick<TrafficChanges, 'moved' | 'newDenials' | 'costPerDayUsd' | 'teams'> | undefined;
}

/** Whose commit it is: `any` where nobody knows yet. */
export type Signer =
  | { readonly kind: 'any' }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'signed'; readonly signer: string };

/** The limits of a commit. Of several documents the tightest limit counts, each for itself. */
export function commitLimits(documents: readonly ChangeLimits[], signer: Signer): CommitLimits {
  return tightest(documents.map((document) => rowOf(document, signer)));
}

/** The checks of every limit that is set, in their order. Without a corpus what it would tell is not known, and not breached. */
export function limitChecks(limits: CommitLimits, { fleets, removals, traffic }: LimitedChange): LimitCheck[] {
  const cost = traffic && traffic.costPerDayUsd.head - traffic.costPerDayUsd.base;
  return [
    ...check('trafficMoved', limits.trafficMoved, traffic?.moved.share),
    ...check('newDenials', limits.newDenials, traffic?.newDenials.share),
    ...check('costPerDayUsd', limits.costPerDayUsd, cost),
    ...check('fleetsTouched', limits.fleetsTouched, fleets.length),
    ...check('teamsTouched', limits.teamsTouched, traffic?.teams.length),
    ...check('removed', limits.removed, removals[0]?.share ?? 0),
  ];
}

function rowOf({ perCommit, unsigned, signers }: ChangeLimits, signer: Signer): CommitLimits {
  switch (signer.kind) {
    case 'any':
      return perCommit;
    case 'unsigned':
      return unsigned ?? tightest([perCommit, ...signers.map(({ limits }) => limits)]);
    case 'signed':
      return { ...perCommit, ...signers.find((row) => row.signer === signer.signer)?.limits };
  }
}

function tightest(rows: readonly CommitLimits[]): CommitLimits {
  const limits: { -readonly [limit in keyof CommitLimits]: number } = {};
  for (const row of rows) {
    for (const [name, value] of Object.entries(row) as [keyof CommitLimits, number][]) {
      limits[name] = Math.min(limits[name] ?? value, value);
    }
  }
  return limits;
}

function check(limit: keyof CommitLimits, allowed: number | undefined, actual: number | undefined): LimitCheck[] {
  if (allowed === undefined) return [];
  if (actual === undefined) return [{ limit, allowed, isBreached: false }];
  return [{ limit, allowed, actual, isBreached: actual > allowed }];
}
