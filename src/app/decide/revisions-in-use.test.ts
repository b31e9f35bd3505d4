import { expect, test } from 'vitest';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { LoadedRevision } from '../../core/decide/loaded-revision.ts';
import type { PoolRow } from '../../core/tables/tables.ts';
import type { InUse } from '../../io/bundles/bundle-messages.ts';
import { waitUntil } from '../demo/stack/wait-until.ts';
import { createRevisionsInUse } from './revisions-in-use.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [ONE, TWO, THREE] = [digest('1'), digest('2'), digest('3')];
const inUse = (live: Digest, parts: Partial<InUse> = {}): InUse => ({
  ...{ live, candidate: undefined, needed: [live], named: [] },
  ...parts,
});

/** A decider that obtains what is there. */
function lab(there: Set<Digest>) {
  const held: Digest[] = [];
  const missing: Digest[] = [];
  const followed: { inUse: InUse; pools: Readonly<Record<string, PoolRow>> }[] = [];
  let obtaining: () => Promise<void> = () => Promise.resolve();
  const loaded = fixtureRevision();
  const revision = (asked: string): LoadedRevision => {
    const endpoints = asked === TWO ? ['10.9.9.9:8000'] : ['10.0.0.1:8000'];
    const pools = new Map([['gpus', { engine: 'vllm', endpoints } as const]]);
    return { ...loaded, revision: { ...loaded.revision, pools } };
  };
  const revisions = createRevisionsInUse({
    decider: { held: () => held, revision },
    obtain: async (asked) => {
      await obtaining();
      if (held.includes(asked)) return;
      if (!there.has(asked)) throw new Error('not there');
      held.push(asked);
    },
    onFollowed: (now, { pools }) => void followed.push({ inUse: now, pools }),
    onMissing: (asked) => void missing.push(asked),
  });
  const wait = (promise: Promise<void>) => {
    obtaining = () => promise;
  };
  return { revisions, held, missing, followed, wait };
}

test('what a process before this one left is held before anybody asks', async () => {
  const { revisions, held, followed } = lab(new Set([ONE, TWO]));
  await revisions.start(inUse(ONE, { candidate: TWO, needed: [ONE, TWO] }));
  expect([held, revisions.isComplete(), revisions.standing().live]).toEqual([[ONE, TWO], true, ONE]);
  expect(followed[0]?.pools.gpus?.endpoints).toEqual(['10.0.0.1:8000', '10.9.9.9:8000']);
});

test('it goes by what was said before until all is there', async () => {
  const { revisions, wait } = lab(new Set([ONE, TWO]));
  await revisions.start(inUse(ONE));
  const there = Promise.withResolvers<void>();
  wait(there.promise);
  revisions.follow(inUse(TWO));
  expect([revisions.standing().live, revisions.isComplete()]).toEqual([ONE, true]);
  there.resolve();
  await waitUntil('the next', () => (revisions.standing().live === TWO ? true : undefined));
});

test('what is said last counts, whatever was being obtained', async () => {
  const { revisions, wait, followed } = lab(new Set([ONE, TWO, THREE]));
  const there = Promise.withResolvers<void>();
  wait(there.promise);
  for (const live of [ONE, TWO, THREE]) revisions.follow(inUse(live));
  there.resolve();
  await waitUntil('the last', () => (revisions.standing().live === THREE ? true : undefined));
  expect(followed.map(({ inUse: now }) => now.live)).toEqual([THREE]);
});

test('what is needed and not to be had is tried again, and proxies do not come meanwhile', async () => {
  const there = new Set([ONE]);
  const { revisions, missing } = lab(there);
  revisions.follow(inUse(TWO));
  await waitUntil('a try', () => (missing.length > 0 && revisions.standing().live === TWO ? true : undefined));
  expect(revisions.isComplete()).toBe(false);
  there.add(TWO);
  await waitUntil('another one', () => (revisions.isComplete() ? true : undefined));
});

test('what single proxies name and is nowhere keeps nobody from coming', async () => {
  const { revisions, missing } = lab(new Set([ONE]));
  await revisions.start(inUse(ONE, { named: [THREE] }));
  expect([missing, revisions.isComplete()]).toEqual([[THREE], true]);
});
