import type { Digest } from '../base/digest.ts';
import type { FleetRollout } from './fleet-rollout.ts';
import type { Rollout } from './rollout.ts';

/** A rollout as it is kept for the next start: what proxies were offered, and not what was seen of them. Plain JSON. */
export interface KeptRollout {
  readonly digest: Digest;
  readonly commit: string;
  readonly fleets: readonly KeptFleet[];
}

export interface KeptFleet {
  readonly fleet: string;
  readonly wave: number;
  readonly nodes: readonly string[] | 'all';
}

export function keptRollout({ digest, commit, fleets }: Rollout): KeptRollout {
  const kept = fleets.map(({ fleet, wave, nodes }) => ({ fleet, wave, nodes: nodes === 'all' ? nodes : [...nodes] }));
  return { digest, commit, fleets: kept };
}

/** The rollout goes on where it was: the wave under way is waited for and watched once more, and none is skipped. */
export function restoredRollout(rollout: Rollout, kept: KeptRollout, nowMs: number): Rollout {
  return { ...rollout, fleets: rollout.fleets.map((fleet) => restoredFleet(fleet, kept, nowMs)) };
}

function restoredFleet(fleet: FleetRollout, { fleets }: KeptRollout, nowMs: number): FleetRollout {
  const known = fleets.find((each) => each.fleet === fleet.fleet);
  if (known === undefined || known.wave < 0 || known.wave >= fleet.plan.waves.length) return fleet;
  const nodes = known.nodes === 'all' ? known.nodes : new Set(known.nodes);
  return { ...fleet, wave: known.wave, nodes, startedAtMs: nowMs };
}
