import type { Rng } from '../../src/core/base/rng.ts';
import type { SoakLab } from './soak-lab.ts';

/** One thing that happens to a fleet while its users ask. */
export interface Disturbance {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Does it; resolves when it is over. Throws when headgate does not do what it must. */
  readonly run: (lab: SoakLab, rng: Rng) => Promise<void>;
}

/** One of them by chance, the heavy ones more often. */
export function chooseDisturbance(all: readonly Disturbance[], rng: Rng): Disturbance | undefined {
  let left = rng.next() * all.reduce((sum, { weight }) => sum + weight, 0);
  return all.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}
