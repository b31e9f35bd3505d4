import { commitLimits, type LimitCheck, limitChecks } from './change-limits.ts';
import type { Approvers } from './code-owners.ts';
import type { CorpusLine } from './corpus.ts';
import { type DocumentChange, documentChanges } from './document-changes.ts';
import { envoyChanges, type FleetChange } from './envoy-changes.ts';
import type { PlanSide } from './plan-side.ts';
import { removalsOf } from './removal.ts';
import { type Risk, risksOf } from './risks.ts';
import { type RoutingChanges, routingChanges } from './routing-changes.ts';
import { type TrafficChanges, trafficChanges } from './traffic-changes.ts';

/** What the head does that the base does not. */
export interface Plan {
  readonly base: PlannedRevision;
  readonly head: PlannedRevision;
  /** False when both mean the same: equal digests, whatever the files look like. */
  readonly hasEffect: boolean;
  readonly documents: readonly DocumentChange[];
  readonly routing: RoutingChanges;
  /** Absent without a corpus. */
  readonly traffic?: TrafficChanges;
  readonly risks: readonly Risk[];
  readonly fleets: readonly FleetChange[];
  readonly limits: readonly LimitCheck[];
  /** Absent where the repository names no owners, or nothing changes. */
  readonly approvers?: Approvers;
}

export interface PlannedRevision {
  readonly name: string;
  readonly commit: string;
  readonly digest: string;
}

/** What a plan takes beside the two revisions. */
export interface PlanInput {
  readonly corpus?: readonly CorpusLine[];
  readonly approvers?: Approvers;
}

/** Compares two revisions. Pure: what it takes says all. */
export function makePlan(base: PlanSide, head: PlanSide, { corpus, approvers }: PlanInput): Plan {
  const revisions = { base: plannedRevision(base), head: plannedRevision(head) };
  if (revisions.base.digest === revisions.head.digest) {
    const routing = { changes: [], classes: 0, cut: false };
    return { ...revisions, hasEffect: false, documents: [], routing, risks: [], fleets: [], limits: [] };
  }
  const fleets = envoyChanges(base, head);
  const traffic = corpus && trafficChanges(base, head, corpus);
  return {
    ...revisions,
    hasEffect: true,
    documents: documentChanges(base.ir, head.ir),
    routing: routingChanges(base.loaded.revision, head.loaded.revision),
    ...(traffic === undefined ? {} : { traffic }),
    risks: risksOf(base.ir, head.ir),
    fleets,
    // Of the base: a change does not loosen its own limits.
    // Nobody has signed it yet.
    limits: limitChecks(commitLimits(base.ir.changeLimits, { kind: 'any' }), {
      ...{ fleets, traffic },
      removals: removalsOf(base.ir, head.ir),
    }),
    ...(approvers === undefined ? {} : { approvers }),
  };
}

function plannedRevision({ name, commit, loaded }: PlanSide): PlannedRevision {
  return { name, commit, digest: loaded.revision.digest };
}
