import type { Digest } from '../base/digest.ts';
import type { RolloutPlan } from '../ir/rollout-plan.ts';
import { type FleetRollout, newFleetRollout, stepFleet } from './fleet-rollout.ts';
import type { RolloutAction, RolloutNode, RolloutView } from './rollout-view.ts';

/** How far one revision is on its way to the fleets. Each fleet goes by its own waves. */
export interface Rollout {
  readonly digest: Digest;
  readonly commit: string;
  readonly fleets: readonly FleetRollout[];
}

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
  const { compared, ...seen } = view;
  const steps = rollout.fleets.map((fleet) =>
    stepFleet(fleet, rollout.digest, { ...seen, ...compared(fleet.fleet), nodes: byFleet.get(fleet.fleet) ?? [] }),
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
