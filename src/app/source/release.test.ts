import { expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import type { RevisionLedger, RevisionMark } from '../../core/rollout/revision-ledger.ts';
import { RolloutOrderError, releaseCommit } from './release.ts';

const OLD: RevisionMark = { commit: 'abc1230', digest: digestOfText('old') };
const OTHER: RevisionMark = { commit: 'abd4560', digest: digestOfText('other') };
const NEWEST: RevisionMark = { commit: 'def7890', digest: digestOfText('newest') };

async function release(commit: string | undefined, newest: RevisionLedger['newest']) {
  const released: string[] = [];
  const plane = {
    ledger: { past: [], behind: [], frozen: [], ...(newest === undefined ? {} : { newest }) },
    frozen: [OLD, OTHER, NEWEST],
    release: (mark: RevisionMark) => {
      released.push(mark.commit);
      return Promise.resolve();
    },
  };
  const retried = { state: 'serving', commit: 'def7890' } as never;
  const answer = await releaseCommit(commit, { plane, retry: () => Promise.resolve(retried) });
  return [answer.state, answer.commit, released];
}

test('without a commit, or with the newest, that one is tried once more', async () => {
  const newest = { kind: 'frozen', ...NEWEST } as const;
  for (const commit of [undefined, 'def7890', 'def']) {
    expect(await release(commit, newest)).toEqual(['serving', 'def7890', []]);
  }
});

test('an older one is released, and tried when a commit brings it', async () => {
  const newest = { kind: 'serving', commit: 'fff', digest: digestOfText('served') } as const;
  expect(await release('abc', newest)).toEqual(['released', 'abc1230', ['abc1230']]);
});

test('an older one that the newest brings again is tried at once', async () => {
  const newest = { kind: 'frozen', commit: 'fff', digest: OLD.digest } as const;
  expect(await release('abc1230', newest)).toEqual(['serving', 'def7890', []]);
});

test('a commit that is not stopped, or that is not said clearly, is refused', async () => {
  await expect(release('fff', undefined)).rejects.toThrow(
    new RolloutOrderError('no commit fff is stopped: see headgate rollout status'),
  );
  await expect(release('ab', undefined)).rejects.toThrow('several stopped commits begin with ab');
});
