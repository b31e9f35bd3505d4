import type { LedgerBefore } from '../../core/rollout/revision-ledger.ts';
import type { FrozenRevision } from '../../io/store/frozen.ts';
import type { KeptProgress } from '../../io/store/rollout-progress.ts';
import type { Bundle } from '../revision/bundle.ts';

/** How far the rollout was when the process before ended. */
export interface RolloutBefore {
  /** What served, the latest first: more than one where no proxy took the latest. */
  readonly served: readonly { readonly bundle: Bundle; readonly taken: boolean }[];
  readonly frozen: readonly FrozenRevision[];
  readonly progress: KeptProgress;
  /** The bundle of the rollout that was under way, where it can be read. */
  readonly candidate?: Bundle;
}

/** A rollout goes on only from a revision that serves. */
export function ledgerBefore({ served, frozen, progress, candidate }: RolloutBefore): LedgerBefore {
  const { past, rollout } = progress;
  const isOnItsWay = served.length > 0 && rollout !== undefined && candidate?.digest === rollout.digest;
  return {
    served: served.map(({ bundle: { digest, commit }, taken }) => ({ digest, commit, taken })),
    frozen: frozen.map(({ digest }) => digest),
    past,
    ...(isOnItsWay ? { candidate: { digest: rollout.digest, commit: rollout.commit } } : {}),
  };
}

/** Keeps progress where it is not what was kept last. */
export function changesOnly(
  kept: KeptProgress,
  keep: (progress: KeptProgress) => Promise<void>,
): (progress: KeptProgress) => Promise<void> {
  let last = JSON.stringify(kept);
  return async (progress) => {
    const text = JSON.stringify(progress);
    if (text === last) return;
    last = text;
    await keep(progress);
  };
}
