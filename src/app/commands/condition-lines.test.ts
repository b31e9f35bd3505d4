import { expect, test } from 'vitest';
import { conditionsOf } from '../../core/rollout/conditions.ts';
import { conditionLines } from './condition-lines.ts';

const commit = 'abc1230fedcba9876543210fedcba9876543210f';
const revision = `main@sha1:${commit}`;
const proxies = { connected: 2, current: 2 };

test('what is well takes one line', () => {
  const newest = { kind: 'serving', commit, digest: 'sha256:00' } as const;
  const conditions = conditionsOf({ source: { commit, revision }, newest, live: { commit }, proxies }, [], 'noon');
  expect(conditionLines(conditions)).toEqual([
    'Ready True (ReconciliationSucceeded): abc1230 serves: 2 of 2 proxies have what they are offered',
  ]);
});

test('what is not has a line for each trouble', () => {
  const failure = { reason: 'AuthenticationFailed', message: 'the remote wants a login' };
  const verified = { status: 'False', reason: 'git-signer-unknown', message: 'signed by a stranger' } as const;
  const source = { commit, revision, failure, verified, suspended: { reason: 'a freeze' } };
  const conditions = conditionsOf({ source, newest: { kind: 'rejected', commit }, proxies }, [], 'noon');
  expect(conditionLines(conditions)).toEqual([
    'Ready False (AuthenticationFailed): the remote wants a login',
    'Stalled True (Suspended): a freeze',
    'FetchFailed True (AuthenticationFailed): the remote wants a login',
    'SourceVerified False (git-signer-unknown): signed by a stranger',
  ]);
});
