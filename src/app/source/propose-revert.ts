import type { Mirror } from '../../io/git/mirror.ts';
import { pushBranch } from '../../io/git/push-branch.ts';
import { buildRevert } from '../../io/git/revert-commit.ts';
import { SourceError } from '../../io/git/source-error.ts';
import type { RepositorySettings } from '../settings/repository-settings.ts';

export interface RevertProposal {
  readonly bad: string;
  readonly good: string;
  /** What was wrong, for the message of the commit. */
  readonly why: string;
}

/** A branch in the mirror, and whether the remote has it too. */
export type ProposedRevert = { readonly branch: string; readonly commit: string } & (
  | { readonly pushed: true }
  | { readonly pushed: false; readonly why: string }
);

const BRANCH_ID_CHARACTERS = 12;

/**
 * Makes a branch that takes a commit back, ready to be reviewed and merged, and pushes it where the settings say so and
 * the remote lets us.
 * @throws SourceError when the branch cannot be made
 */
export async function proposeRevert(
  { bad, good, why }: RevertProposal,
  mirror: Mirror,
  settings: Pick<RepositorySettings, 'path' | 'revertBranches'>,
  nowMs: number,
): Promise<ProposedRevert> {
  await mirror.bring(bad);
  await mirror.bring(good);
  const branch = `headgate/revert-${bad.slice(0, BRANCH_ID_CHARACTERS)}`;
  const { subject } = await mirror.commitInfo(bad);
  const message = `Revert "${subject}"\n\nThis takes back ${bad}; the files are those of ${good}.\n\n${why.trim()}\n`;
  const commit = await buildRevert(mirror.place, { branch, bad, good, subpath: settings.path, message, nowMs });
  if (settings.revertBranches === 'keep') {
    return { branch, commit, pushed: false, why: 'the settings keep it in the mirror' };
  }
  try {
    await pushBranch(mirror.place, { branch, commit });
    return { branch, commit, pushed: true };
  } catch (error) {
    if (error instanceof SourceError) return { branch, commit, pushed: false, why: error.message };
    throw error;
  }
}
