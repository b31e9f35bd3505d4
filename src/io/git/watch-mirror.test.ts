import { expect, test } from 'vitest';
import { textsOf, useMirrorLab } from '../../../test/support/mirror-lab.ts';
import { watch } from './watch.ts';

const HOUR_MS = 3_600_000;
const lab = useMirrorLab();

test('a watched repository: commit, force push, remote gone and back', async () => {
  lab.origin.commit({ 'config/a.yaml': 'a: 1\n' });
  const handled: unknown[] = [];
  const errors: unknown[] = [];
  const ending = new AbortController();
  const watched = watch({
    mirror: await lab.open(),
    subpath: 'config',
    intervalMs: HOUR_MS,
    random: () => 0,
    onRevision: ({ forced, files }) => {
      handled.push({ forced, files: textsOf(files) });
      return Promise.resolve();
    },
    onError: (error) => errors.push((error as { code?: unknown }).code),
    signal: ending.signal,
  });
  await watched.reconcile();
  const second = lab.origin.commit({ 'config/a.yaml': 'a: 2\n' });
  expect(await watched.reconcile()).toMatchObject({ commit: second, changed: true });
  lab.origin.git('branch', '--move', 'main', 'away');
  await expect(watched.reconcile()).rejects.toMatchObject({ code: 'git-ref-missing' });
  lab.origin.git('branch', '--move', 'away', 'main');
  lab.origin.git('reset', '--quiet', '--hard', 'HEAD^');
  const third = lab.origin.commit({ 'config/b.yaml': 'b: 1\n' });
  expect(await watched.reconcile()).toMatchObject({ commit: third, changed: true });
  ending.abort();
  await watched.ended;
  expect({ handled, errors }).toEqual({
    handled: [
      { forced: false, files: { 'a.yaml': 'a: 1\n' } },
      { forced: false, files: { 'a.yaml': 'a: 2\n' } },
      { forced: true, files: { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' } },
    ],
    errors: ['git-ref-missing'],
  });
});
