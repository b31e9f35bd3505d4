import { present } from '../base/assert.ts';
import type { Digest } from '../base/digest.ts';
import type { RolloutPlan } from '../ir/rollout-plan.ts';
import { hasRateGates, type Judgement, judgeGates, UNJUDGED } from './gates.ts';
import type { Breach, FleetView, RolloutAction, RolloutNode } from './rollout-view.ts';
import { nodesOfWave, type WaveNodes } from './waves.ts';

/** How far a revision is in one fleet. */
export interface FleetRollout {
  /** The fleet's `node.cluster`. */
  readonly fleet: string;
  readonly plan: RolloutPlan;
  /** The index of the wave under way; -1 before the first. */
  readonly wave: number;
  readonly nodes: WaveNodes;
  /** When the wave began. */
  readonly startedAtMs: number;
  /** Since when the proxies of the wave have the revision; undefined before. */
  readonly bakingSinceMs: number | undefined;
  /** Since when none of the proxies that were chosen is connected; undefined while one is. */
  readonly lostSinceMs: number | undefined;
  /** Proxies that refused it. */
  readonly refusedBy: readonly string[];
  readonly isDone: boolean;
  /** What the gates said at the last look. */
  readonly judgement: Judgement;
}

export interface FleetStep {
  readonly fleet: FleetRollout;
  readonly actions: readonly RolloutAction[];
  readonly wakeAtMs?: number;
}

/** How often the counters are looked at while a wave is watched. */
const LOOK_INTERVAL_MS = 1_000;

export function newFleetRollout(fleet: string, plan: RolloutPlan): FleetRollout {
  return {
    fleet,
    plan,
    wave: -1,
    nodes: new Set(),
    startedAtMs: 0,
    bakingSinceMs: undefined,
    lostSinceMs: undefined,
    refusedBy: [],
    isDone: false,
    judgement: UNJUDGED,
  };
}

/** One look at a fleet. */
export function stepFleet(before: FleetRollout, digest: Digest, view: FleetView): FleetStep {
  if (before.isDone) return { fleet: before, actions: [] };
  if (before.wave < 0 && view.isPaused) return { fleet: before, actions: [] };
  const actions: RolloutAction[] = [];
  let fleet = before.wave < 0 ? withNextWave(before, view, actions) : withNewcomers(before, view, actions);
  while (true) {
    const watched = watchWave(fleet, digest, view);
    fleet = watched.fleet;
    if (watched.breach !== undefined) return { fleet, actions: [{ kind: 'breached', breach: watched.breach }] };
    if (!watched.isOver || view.isPaused) {
      const wakeAtMs = nextLookMs(fleet, watched.waiting, view);
      return { fleet, actions, ...(wakeAtMs === undefined ? {} : { wakeAtMs }) };
    }
    actions.push({ kind: 'wave-passed', fleet: fleet.fleet, wave: fleet.wave, judgement: fleet.judgement });
    if (fleet.wave === fleet.plan.waves.length - 1) return { fleet: { ...fleet, isDone: true }, actions };
    fleet = withNextWave(fleet, view, actions);
  }
}

function withNextWave(fleet: FleetRollout, view: FleetView, actions: RolloutAction[]): FleetRollout {
  const wave = fleet.wave + 1;
  const nodes = chosen(fleet, wave, view);
  actions.push({ kind: 'wave-started', fleet: fleet.fleet, wave }, { kind: 'offer', fleet: fleet.fleet, nodes });
  return { ...fleet, wave, nodes, startedAtMs: view.nowMs, bakingSinceMs: undefined, lostSinceMs: undefined };
}

/** A proxy that comes during a wave may belong to it, or make a share of the fleet larger. */
function withNewcomers(fleet: FleetRollout, view: FleetView, actions: RolloutAction[]): FleetRollout {
  if (fleet.nodes === 'all') return fleet;
  const nodes = chosen(fleet, fleet.wave, view);
  if (nodes !== 'all' && nodes.size === fleet.nodes.size) return fleet;
  actions.push({ kind: 'offer', fleet: fleet.fleet, nodes });
  return { ...fleet, nodes };
}

function chosen({ nodes, plan }: FleetRollout, wave: number, view: FleetView): WaveNodes {
  if (nodes === 'all') return nodes;
  return nodesOfWave(present(plan.waves[wave], 'a wave of the plan'), view.nodes, nodes);
}

interface Watched {
  readonly fleet: FleetRollout;
  readonly breach?: Breach;
  /** Proxies of the wave that have neither taken nor refused it. */
  readonly waiting: readonly RolloutNode[];
  readonly isOver: boolean;
}

function watchWave(before: FleetRollout, digest: Digest, view: FleetView): Watched {
  const { nodes, plan, refusedBy, wave } = before;
  const members = view.nodes.filter(({ node }) => nodes === 'all' || nodes.has(node));
  const answering = members.filter(({ node }) => !refusedBy.includes(node));
  const waiting = answering.filter(({ fullyAcknowledged }) => fullyAcknowledged !== digest);
  // Nobody was chosen, or everybody and nobody is there.
  const isEmpty = members.length === 0 && (nodes === 'all' || nodes.size === 0);
  const isTaken = waiting.length === 0 && (isEmpty ? !view.isExpecting : answering.length > 0);
  const isLost = members.length === 0 && !isEmpty;
  const fleet: FleetRollout = {
    ...before,
    bakingSinceMs: before.bakingSinceMs ?? (isTaken ? view.nowMs : undefined),
    lostSinceMs: isLost ? (before.lostSinceMs ?? view.nowMs) : undefined,
    judgement: judgeGates(plan.gates, plan.requestsMin, view.candidate, view.previous),
  };
  const isRefusedByAll = members.length > 0 && answering.length === 0;
  const breach = isRefusedByAll ? refusal(fleet) : breachOf(fleet, waiting, view);
  if (breach !== undefined) return { fleet, breach: { ...breach, fleet: fleet.fleet, wave }, waiting, isOver: false };
  // What began with proxies is watched to its end, although they are gone meanwhile.
  const isUnwatched = isEmpty && before.bakingSinceMs === undefined;
  const bakedAtMs = isUnwatched ? view.nowMs : bakeEndMs(fleet);
  return { fleet, waiting, isOver: isTaken && bakedAtMs <= view.nowMs };
}

function bakeEndMs({ bakingSinceMs, plan }: FleetRollout): number {
  return (bakingSinceMs ?? Number.POSITIVE_INFINITY) + plan.bakeMs;
}

type BreachBody = Breach extends infer One ? (One extends Breach ? Omit<One, 'fleet' | 'wave'> : never) : never;

function breachOf(fleet: FleetRollout, waiting: readonly RolloutNode[], view: FleetView): BreachBody | undefined {
  const broken = fleet.judgement.figures.filter(({ isBroken }) => isBroken);
  if (broken.length > 0) return { kind: 'gate', figures: broken };
  const late = timed(fleet, waiting).filter((node) => lateAtMs(fleet, node, view) <= view.nowMs);
  if (late.length > 0) return { kind: 'unacknowledged', nodes: late.map(({ node }) => node) };
  const { lostSinceMs, nodes, plan } = fleet;
  const isLost = lostSinceMs !== undefined && lostSinceMs + plan.ackTimeoutMs <= view.nowMs;
  return isLost && nodes !== 'all' ? { kind: 'unacknowledged', nodes: [...nodes] } : undefined;
}

function refusal({ refusedBy }: FleetRollout): BreachBody {
  return { kind: 'refused', nodes: refusedBy };
}

/** Those whose time to answer ends: a fleet of thousands without a rollout is looked at after every answer. */
function timed({ plan }: FleetRollout, waiting: readonly RolloutNode[]): readonly RolloutNode[] {
  return Number.isFinite(plan.ackTimeoutMs) ? waiting : [];
}

/** A proxy has the time from when it was offered the revision, which is not before it connected. */
function lateAtMs({ startedAtMs, plan }: FleetRollout, { connectedForMs }: RolloutNode, { nowMs }: FleetView): number {
  return Math.max(startedAtMs, nowMs - connectedForMs) + plan.ackTimeoutMs;
}

function nextLookMs(fleet: FleetRollout, waiting: readonly RolloutNode[], view: FleetView): number | undefined {
  const { plan, bakingSinceMs, lostSinceMs } = fleet;
  const times = timed(fleet, waiting).map((node) => lateAtMs(fleet, node, view));
  if (bakingSinceMs !== undefined) times.push(bakingSinceMs + plan.bakeMs);
  if (lostSinceMs !== undefined) times.push(lostSinceMs + plan.ackTimeoutMs);
  if (hasRateGates(plan.gates)) times.push(view.nowMs + LOOK_INTERVAL_MS);
  const future = times.filter((time) => time > view.nowMs && Number.isFinite(time));
  return future.length === 0 ? undefined : Math.min(...future);
}
