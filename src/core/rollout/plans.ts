import type { Fleet } from '../ir/ir.ts';
import type { RolloutPlan } from '../ir/rollout-plan.ts';
import { ALL_AT_ONCE } from './waves.ts';

/**
 * How a revision reaches each of its fleets: as the revision that serves says, so that no commit loosens the gates that it
 * is let through by. At once where that has no such fleet, and wherever `isAtOnce`: what served before needs no proof.
 */
export function plansOf(
  served: readonly Fleet[],
  fleets: readonly Fleet[],
  isAtOnce: boolean,
): { readonly fleet: string; readonly plan: RolloutPlan }[] {
  const known = new Map(served.map(({ cluster, rollout }) => [cluster, rollout]));
  return fleets.map(({ cluster }) => ({
    fleet: cluster,
    plan: (isAtOnce ? undefined : known.get(cluster)) ?? ALL_AT_ONCE,
  }));
}
