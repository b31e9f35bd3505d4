import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Ir } from '../ir/ir.ts';

/** One of the two revisions of a plan, compiled and ready to decide. */
export interface PlanSide {
  /** As the user named it. */
  readonly name: string;
  /** A commit id, or `worktree`. */
  readonly commit: string;
  readonly ir: Ir;
  readonly loaded: LoadedRevision;
}
