import type { RevisionLedger } from '../../core/rollout/revision-ledger.ts';
import type { Watch } from '../../io/git/watch.ts';
import type { ControlPlane } from '../control/control-plane.ts';
import type { ReconcileAnswer } from '../control/server-status.ts';

/**
 * How to look at the source: `retry` tries a newest commit once more that was rejected or frozen, `force` does too, and
 * lets it change and remove more than it may.
 */
export type ReconcileOrder = 'look' | 'retry' | 'force';

/** What the source needs of the control plane. */
export interface SourcePlane extends Pick<ControlPlane, 'take' | 'thaw' | 'force' | 'diagnostics'> {
  readonly ledger: Pick<RevisionLedger, 'live' | 'newest'>;
}

/** What came of a commit. */
export type Handled = Awaited<ReturnType<SourcePlane['take']>>;

interface ReconcileParts {
  readonly plane: SourcePlane;
  readonly watched: Pick<Watch, 'reconcile'>;
  /** What came of the last commit that was handed over. */
  readonly handled: () => Handled | undefined;
}

/** Looks at the source at once, and waits for what comes of it. Rejects as the look does. */
export async function reconcile(
  order: ReconcileOrder,
  { plane, watched, handled }: ReconcileParts,
): Promise<ReconcileAnswer> {
  const startedMs = performance.now();
  let found = await watched.reconcile();
  const before = plane.ledger.newest;
  if (order !== 'look' && (before?.kind === 'frozen' || before?.kind === 'rejected')) {
    if (order === 'force') plane.force(before.commit);
    await plane.thaw();
    found = await watched.reconcile(true);
  }
  const { commit, changed, fetchMs, readMs } = found;
  const { newest } = plane.ledger;
  const timings = changed ? handled() : undefined;
  return {
    state: newest?.kind ?? 'rolling-out',
    commit,
    ...(newest !== undefined && 'digest' in newest ? { digest: newest.digest } : {}),
    diagnostics: plane.diagnostics,
    timings: {
      fetchMs,
      readMs,
      compileMs: timings?.compileMs ?? 0,
      acknowledgeMs: timings?.acknowledgeMs ?? 0,
      totalMs: performance.now() - startedMs,
    },
  };
}
