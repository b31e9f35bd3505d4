import type { RevisionMark } from '../../core/rollout/revision-ledger.ts';
import type { ControlPlane } from '../control/control-plane.ts';
import type { ReconcileAnswer, ReleaseAnswer } from '../control/server-status.ts';

export interface ReleaseParts {
  readonly plane: Pick<ControlPlane, 'ledger' | 'frozen' | 'release'>;
  /** Tries the newest commit once more. */
  readonly retry: () => Promise<ReconcileAnswer>;
}

export class RolloutOrderError extends Error {
  override readonly name = 'RolloutOrderError';
  readonly code = 'rollout-order';
}

/**
 * Lets what a commit brought be tried again although it was stopped: at once where it is what the newest commit brings,
 * else when a commit brings it.
 * @param commit its id or the beginning of it; undefined for the newest
 * @throws RolloutOrderError where no such commit was stopped, or several
 */
export async function releaseCommit(
  commit: string | undefined,
  { plane, retry }: ReleaseParts,
): Promise<ReleaseAnswer> {
  const { newest } = plane.ledger;
  if (commit === undefined || (newest?.kind === 'frozen' && newest.commit.startsWith(commit))) return retry();
  const mark = onlyOne(
    commit,
    plane.frozen.filter((frozen) => frozen.commit.startsWith(commit)),
  );
  if (newest?.kind === 'frozen' && newest.digest === mark.digest) return retry();
  await plane.release(mark);
  return { state: 'released', commit: mark.commit, digest: mark.digest };
}

function onlyOne(commit: string, found: readonly RevisionMark[]): RevisionMark {
  const [mark, another] = found;
  if (mark === undefined) throw new RolloutOrderError(`no commit ${commit} is stopped: see headgate rollout status`);
  if (another !== undefined) throw new RolloutOrderError(`several stopped commits begin with ${commit}`);
  return mark;
}
