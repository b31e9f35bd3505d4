import type { FleetRollout } from '../../core/rollout/fleet-rollout.ts';
import type { GateFigure } from '../../core/rollout/gates.ts';
import type { CommitState, LiveMark, RevisionMark } from '../../core/rollout/revision-ledger.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { RolloutNode } from '../../core/rollout/rollout-view.ts';
import { waveText } from '../../core/rollout/waves.ts';

/** GET /rollout: which commit is on its way, how far it is in each fleet, and what was stopped. */
export interface RolloutStatus {
  /** No wave follows another until somebody resumes. */
  readonly isPaused: boolean;
  readonly live?: { readonly commit: string; readonly digest: string };
  readonly newest?: CommitState;
  /** What is wrong with the newest commit, as text; empty where nothing is. */
  readonly diagnostics: string;
  /** Absent while nothing is on its way. */
  readonly rollout?: RolloutProgress;
  /** Revisions that are not tried again, whichever commit brings them, with the commits that did; the oldest first. */
  readonly frozen: readonly RevisionMark[];
}

export interface RolloutProgress {
  readonly commit: string;
  readonly digest: string;
  readonly fleets: readonly FleetProgressView[];
}

export interface FleetProgressView {
  readonly fleet: string;
  /** From 1; 0 before the first. */
  readonly wave: number;
  /** As the Fleet has them: `1`, `25%`, `ring=canary`. */
  readonly waves: readonly string[];
  readonly state: 'waiting' | 'rolling' | 'baking' | 'done';
  /** The proxies of the waves so far, and those of them that have it. */
  readonly chosen: number;
  readonly acknowledged: number;
  readonly connected: number;
  /** Some of those that do not have it yet, by node id. */
  readonly missing: readonly string[];
  readonly refusedBy: readonly string[];
  readonly bakeLeftMs?: number;
  /** What the gates compared at the last look. */
  readonly figures: readonly GateFigure[];
}

export interface RolloutFacts {
  readonly isPaused: boolean;
  readonly live: LiveMark | undefined;
  readonly newest: CommitState | undefined;
  readonly frozen: readonly RevisionMark[];
  readonly diagnostics: string;
  readonly rollout: Rollout | undefined;
  readonly nodes: readonly RolloutNode[];
  /** By the clock of the rollout. */
  readonly nowMs: number;
}

/** Proxies that are named; the rest is in the counts. */
const MISSING_MAX = 20;

export function rolloutStatus(facts: RolloutFacts): RolloutStatus {
  const { isPaused, live, newest, frozen, diagnostics, rollout } = facts;
  return {
    isPaused,
    ...(live === undefined ? {} : { live: { commit: live.commit, digest: live.digest } }),
    ...(newest === undefined ? {} : { newest }),
    diagnostics,
    ...(rollout === undefined ? {} : { rollout: progress(rollout, facts) }),
    frozen,
  };
}

function progress({ commit, digest, fleets }: Rollout, { nodes, nowMs }: RolloutFacts): RolloutProgress {
  return { commit, digest, fleets: fleets.map((fleet) => fleetProgress(fleet, digest, nodes, nowMs)) };
}

function fleetProgress(
  rollout: FleetRollout,
  digest: string,
  nodes: readonly RolloutNode[],
  nowMs: number,
): FleetProgressView {
  const own = nodes.filter(({ fleet }) => fleet === rollout.fleet);
  const { nodes: wanted } = rollout;
  const chosen = own.filter(({ node }) => wanted === 'all' || wanted.has(node));
  const missing = chosen.filter(({ fullyAcknowledged }) => fullyAcknowledged !== digest).map(({ node }) => node);
  const { bakingSinceMs, plan } = rollout;
  const isBaking = bakingSinceMs !== undefined && !rollout.isDone;
  return {
    fleet: rollout.fleet,
    wave: rollout.wave + 1,
    waves: plan.waves.map(waveText),
    state: stateOf(rollout),
    chosen: chosen.length,
    acknowledged: chosen.length - missing.length,
    connected: own.length,
    missing: missing.slice(0, MISSING_MAX),
    refusedBy: rollout.refusedBy,
    ...(isBaking ? { bakeLeftMs: Math.max(0, bakingSinceMs + plan.bakeMs - nowMs) } : {}),
    figures: rollout.judgement.figures,
  };
}

function stateOf({ wave, isDone, bakingSinceMs }: FleetRollout): FleetProgressView['state'] {
  if (isDone) return 'done';
  if (wave < 0) return 'waiting';
  return bakingSinceMs === undefined ? 'rolling' : 'baking';
}
