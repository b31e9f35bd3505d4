import type { z } from 'zod';
import { present } from '../base/assert.ts';
import { durationMs } from '../base/duration.ts';
import type { RolloutPlan, Wave } from '../ir/rollout-plan.ts';
import type { rollout } from './fleet-rollout.ts';

export function buildRollout({ waves, bake, gates }: z.infer<typeof rollout>): RolloutPlan {
  const { nacks, ackTimeout, errorRateRise, denyRateRise, costRise, firstTokenP99Rise } = gates;
  return {
    waves: waves.map(waveOf),
    bakeMs: present(durationMs(bake.time), 'a checked duration'),
    requestsMin: bake.requests,
    ackTimeoutMs: present(durationMs(ackTimeout), 'a checked duration'),
    gates: {
      nacks,
      ...(errorRateRise === undefined ? {} : { errorRateRise: shareOf(errorRateRise) }),
      ...(denyRateRise === undefined ? {} : { denyRateRise: shareOf(denyRateRise) }),
      ...(costRise === undefined ? {} : { costRise: shareOf(costRise) }),
      ...(firstTokenP99Rise === undefined ? {} : { firstTokenP99Rise: shareOf(firstTokenP99Rise) }),
    },
  };
}

function waveOf(wave: z.infer<typeof rollout>['waves'][number]): Wave {
  if (typeof wave === 'number') return { kind: 'count', proxies: wave };
  if (typeof wave === 'string') return { kind: 'share', share: shareOf(wave) };
  return { kind: 'labels', labels: wave.labels };
}

/** `20%` is 0.2, and `1pp` is 0.01. */
function shareOf(text: string): number {
  return Number.parseFloat(text) / 100;
}
