import type { Digest } from '../base/digest.ts';
import type { RolloutPlan } from '../ir/rollout-plan.ts';
import { type FleetRollout, newFleetRollout, stepFleet } from './fleet-rollout.ts';
import type { GateFigure, Judgement } from './gates.ts';
import type { RevisionCounters } from './revision-counters.ts';
import type { WaveNode, WaveNodes } from './waves.ts';

/** How far one revision is on its way to the fleets. Each fleet goes by its own waves. */
export interface Rollout {
  readonly digest: Digest;
  readonly commit: string;
  readonly fleets: readonly FleetRollout[];
}

/** A connected proxy that is served. */
export interface RolloutNode extends WaveNode {
  readonly fleet: string;
  readonly connectedForMs: number;
  /** The last revision of which it acknowledged everything. */
  readonly fullyAcknowledged: string | undefined;
}

/** The world at one moment. */
export interface RolloutView {
  readonly nowMs: number;
  readonly nodes: readonly RolloutNode[];
  /** Whether proxies that were here before may still come back. */
  readonly isExpecting: boolean;
  /** Whether somebody wants no wave to follow another: what is out is watched on, and may be stopped. */
  readonly isPaused: boolean;
  /** What became of the requests since the rollout began, under it and under the revision before it. */
  readonly candidate: RevisionCounters;
  readonly previous: RevisionCounters;
}

/** Why a revision is stopped. Waves count from 0. */
export type Breach = { readonly fleet: string; readonly wave: number } & (
  | { readonly kind: 'refused'; readonly nodes: readonly string[] }
  | { readonly kind: 'unacknowledged'; readonly nodes: readonly string[] }
  | { readonly kind: 'gate'; readonly figures: readonly GateFigure[] }
);

export type RolloutAction =
  /** These proxies of the fleet shall have the revision from now on. */
  | { readonly kind: 'offer'; readonly fleet: string; readonly nodes: WaveNodes }
  | { readonly kind: 'wave-started'; readonly fleet: string; readonly wave: number }
  /** Where the judgement is not measured, too few requests came for the gates to say anything. */
  | { readonly kind: 'wave-passed'; readonly fleet: string; readonly wave: number; readonly judgement: Judgement }
  /** Every fleet has it. `taken` is false where no proxy is connected, and none is expected. */
  | { readonly kind: 'complete'; readonly taken: boolean }
  | { readonly kind: 'breached'; readonly breach: Breach };

export interface RolloutStep {
  readonly rollout: Rollout;
  readonly actions: readonly RolloutAction[];
  /** When to look again, unless something happens before; undefined where only an event can change anything. */
  readonly wakeAtMs: number | undefined;
}

/** A rollout of which nothing is offered yet: the first look starts the first waves. */
export function startRollout(
  { digest, commit }: { readonly digest: Digest; readonly commit: string },
  fleets: readonly { readonly fleet: string; readonly plan: RolloutPlan }[],
): Rollout {
  return { digest, commit, fleets: fleets.map(({ fleet, plan }) => newFleetRollout(fleet, plan)) };
}

/**
 * Looks at the world: starts waves, lets them pass, and says when the revision has reached everybody or must be stopped.
 * After a breach or the completion the rollout is over and must not be looked at again.
 */
export function lookAtRollout(rollout: Rollout, view: RolloutView): RolloutStep {
  const byFleet = new Map<string, RolloutNode[]>(rollout.fleets.map(({ fleet }) => [fleet, []]));
  for (const node of view.nodes) byFleet.get(node.fleet)?.push(node);
  const steps = rollout.fleets.map((fleet) =>
    stepFleet(fleet, rollout.digest, { ...view, nodes: byFleet.get(fleet.fleet) ?? [] }),
  );
  const next = { ...rollout, fleets: steps.map(({ fleet }) => fleet) };
  const actions = steps.flatMap((step) => step.actions);
  const breach = actions.find((action) => action.kind === 'breached');
  if (breach !== undefined) return { rollout: next, actions: [breach], wakeAtMs: undefined };
  if (next.fleets.every(({ isDone }) => isDone)) {
    const taken = view.nodes.some(({ fullyAcknowledged }) => fullyAcknowledged === rollout.digest);
    return { rollout: next, actions: [...actions, { kind: 'complete', taken }], wakeAtMs: undefined };
  }
  const wakes = steps.flatMap(({ wakeAtMs }) => wakeAtMs ?? []);
  return { rollout: next, actions, wakeAtMs: wakes.length === 0 ? undefined : Math.min(...wakes) };
}

/** A proxy refused the revision: a breach where more of them do than the fleet's gate lets pass. */
export function refuseRollout(rollout: Rollout, fleet: string, node: string): RolloutStep {
  const fleets = rollout.fleets.map((each) =>
    each.fleet !== fleet || each.refusedBy.includes(node) ? each : { ...each, refusedBy: [...each.refusedBy, node] },
  );
  const at = fleets.find((each) => each.fleet === fleet);
  const nodes = at?.refusedBy ?? [node];
  const isBreach = nodes.length > (at?.plan.gates.nacks ?? 0);
  const actions: RolloutAction[] = isBreach
    ? [{ kind: 'breached', breach: { kind: 'refused', fleet, wave: at?.wave ?? 0, nodes } }]
    : [];
  return { rollout: { ...rollout, fleets }, actions, wakeAtMs: undefined };
}
