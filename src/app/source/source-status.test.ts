import { expect, test } from 'vitest';
import { SourceError, type SourceErrorCode } from '../../io/git/source-error.ts';
import { fetchFailure, isRefusal, type SourceFacts, sourceStatus } from './source-status.ts';

test.each<[SourceErrorCode, string, boolean]>([
  ['git-auth', 'AuthenticationFailed', false],
  ['git-untrusted', 'AuthenticationFailed', false],
  ['git-unreachable', 'GitOperationFailed', false],
  ['git-ref-missing', 'GitOperationFailed', false],
  ['git-disk', 'StorageOperationFailed', false],
  ['git-settings', 'URLInvalid', false],
  ['git-signature-missing', 'VerificationError', true],
  ['git-rewritten', 'VerificationError', true],
])('%s is %s', (code, reason, isRefused) => {
  const error = new SourceError(code, 'why');
  const failed = { reason, code, message: 'why', sinceMs: 5, count: 1 };
  expect([fetchFailure(error, undefined, 5), isRefusal(error)]).toEqual([failed, isRefused]);
});

test('a failure counts on, and begins anew when it is another one', () => {
  const first = fetchFailure(new SourceError('git-auth', 'one'), undefined, 1);
  const second = fetchFailure(new SourceError('git-auth', 'two'), first, 2);
  const third = fetchFailure(new Error('three'), second, 3);
  expect([second, third]).toEqual([
    { reason: 'AuthenticationFailed', code: 'git-auth', message: 'two', sinceMs: 1, count: 2 },
    { reason: 'GitOperationFailed', code: 'internal', message: 'three', sinceMs: 3, count: 3 },
  ]);
});

const FACTS: SourceFacts = {
  settings: { url: 'https://reader@git.example.com/c.git', ref: { branch: 'main', name: 'refs/pull/7/head' } },
  ...{ remoteRef: undefined, found: undefined, fetchedAtMs: undefined, hintedAtMs: undefined, failure: undefined },
  ...{ verification: undefined, revert: undefined, orders: {} },
};
const [ONE, OTHER] = ['1'.repeat(40), '2'.repeat(40)];

test('a source that was not looked at yet is where it is, without a user', () => {
  expect(sourceStatus(FACTS)).toEqual({ url: 'https://git.example.com/c.git', ref: 'refs/pull/7/head' });
});

test('a branch that takes a commit back is news while that commit is the newest', () => {
  const revert = { bad: ONE, branch: 'b', commit: OTHER, pushed: true } as const;
  const at = (found: string) => sourceStatus({ ...FACTS, found, remoteRef: 'refs/heads/main', revert });
  expect([at(ONE).revert, at(ONE).revision, at(OTHER).revert]).toEqual([
    { branch: 'b', commit: OTHER, pushed: true },
    `main@sha1:${ONE}`,
    undefined,
  ]);
});
