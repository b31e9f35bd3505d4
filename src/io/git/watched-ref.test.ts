import { expect, test } from 'vitest';
import { concerns, type RefChoice, watchedRef } from './watched-ref.ts';

test.each([
  ['main', 'refs/heads/main'],
  ['release/2026-03', 'refs/heads/release/2026-03'],
  ['refs/tags/v1.2', 'refs/tags/v1.2'],
  ['refs/pull/12/head', 'refs/pull/12/head'],
  ['HEAD', 'HEAD'],
])('the ref %s is %s', (ref, name) => {
  expect(watchedRef(ref)).toEqual({ kind: 'name', name });
});

test.each(['', '-x', 'a b', 'a..b', 'a:b', 'main^', 'a.lock', 'refs/heads', 'a//b', 'main@{1}', 'a*', '.a', 'a\n'])(
  'the ref %j is refused',
  (ref) => {
    expect(() => watchedRef(ref)).toThrow(expect.objectContaining({ code: 'git-settings' }));
  },
);

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

test('of several choices the later one wins: branch, tag, versions, name, commit', () => {
  const branch = { branch: 'main' };
  const tag = { ...branch, tag: 'v1' };
  const semver = { ...tag, semver: '1.x' };
  const name = { ...semver, name: 'refs/merge-requests/7/head' };
  const commit = { ...name, commit: COMMIT };
  expect([branch, tag, semver, name, commit].map(watchedRef)).toEqual([
    { kind: 'name', name: 'refs/heads/main' },
    { kind: 'name', name: 'refs/tags/v1' },
    expect.objectContaining({ kind: 'semver', text: '1.x' }),
    { kind: 'name', name: 'refs/merge-requests/7/head' },
    { kind: 'commit', commit: COMMIT },
  ]);
});

test.each([{}, { branch: '' }, { tag: 'a..b' }, { semver: 'latest' }, { name: 'main' }, { commit: 'abc' }])(
  '%j is refused',
  (choice) => {
    expect(() => watchedRef(choice)).toThrow(expect.objectContaining({ code: 'git-settings' }));
  },
);

test.each<[string | RefChoice, string[] | undefined, boolean]>([
  ['main', ['refs/heads/main'], true],
  ['main', ['refs/heads/other', 'refs/heads/main'], true],
  ['main', ['refs/tags/main'], false],
  ['main', undefined, false],
  [{ tag: 'v1' }, ['refs/tags/v1'], true],
  [{ semver: '1.x' }, ['refs/tags/other'], true],
  [{ semver: '1.x' }, ['refs/heads/main'], false],
  ['HEAD', ['refs/heads/any'], true],
  ['HEAD', undefined, false],
  ['refs/pull/7/head', undefined, true],
  [{ commit: COMMIT }, ['refs/heads/main'], false],
])('what watches %j looks when %j are pushed: %s', (choice, pushed, looks) => {
  expect(concerns(watchedRef(choice), pushed)).toBe(looks);
});
