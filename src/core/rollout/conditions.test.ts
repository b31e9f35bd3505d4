import { expect, test } from 'vitest';
import { digestOfText } from '../base/digest.ts';
import { type Condition, type ConditionFacts, conditionsOf } from './conditions.ts';

const commit = 'abc1230fedcba9876543210fedcba9876543210f';
const older = '9990000fedcba9876543210fedcba9876543210f';
const digest = digestOfText('a revision');
const source = { commit, revision: `main@sha1:${commit}` };
const proxies = { connected: 412, current: 400 };
const good: ConditionFacts = {
  ...{ source, newest: { kind: 'serving', commit, digest }, live: { commit } },
  proxies: { connected: 412, current: 412 },
};
const NOON = '2026-01-01T12:00:00Z';
const LATER = '2026-01-01T12:05:00Z';

function told(facts: ConditionFacts): string[] {
  return conditionsOf(facts, [], NOON).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

test.each<[string, ConditionFacts, string[]]>([
  [
    'before the first look',
    { source: {}, proxies: { connected: 0, current: 0 } },
    [
      ...[
        'Ready=Unknown Progressing',
        'Reconciling=False Idle',
        'Stalled=False Idle',
        'FetchFailed=Unknown Progressing',
      ],
      ...['SourceVerified=Unknown NotRequired', 'ArtifactOutdated=Unknown Progressing'],
    ],
  ],
  [
    'all is well',
    good,
    [
      ...['Ready=True ReconciliationSucceeded', 'Reconciling=False Idle', 'Stalled=False Idle'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=False Current'],
    ],
  ],
  [
    'a commit was found and is being compiled',
    { ...good, newest: { kind: 'serving', commit: older, digest }, live: { commit: older } },
    [
      ...['Ready=True ReconciliationSucceeded', 'Reconciling=True NewRevision', 'Stalled=False Idle'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a rollout',
    { ...good, newest: { kind: 'rolling-out', commit, digest }, live: { commit: older }, proxies },
    [
      ...['Ready=Unknown Progressing', 'Reconciling=True Progressing', 'Stalled=False Progressing'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a rollout that is paused, with proxies that do not answer',
    {
      ...{ ...good, newest: { kind: 'rolling-out', commit, digest }, live: { commit: older }, proxies },
      rollout: { isOverdue: true, isPaused: true },
    },
    [
      ...['Ready=Unknown Progressing', 'Reconciling=True Paused', 'Stalled=True ProgressDeadlineExceeded'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a commit with errors',
    { ...good, newest: { kind: 'rejected', commit }, live: { commit: older } },
    [
      ...['Ready=False BuildFailed', 'Reconciling=False Idle', 'Stalled=True BuildFailed'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a commit that was stopped, and nothing before it',
    { source, newest: { kind: 'frozen', commit, digest }, proxies },
    [
      ...['Ready=False RolledBack', 'Reconciling=False Idle', 'Stalled=True RolledBack'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=Unknown NotRequired', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a remote that wants another token',
    { ...good, source: { ...source, failure: { reason: 'AuthenticationFailed', message: 'login failed' } } },
    [
      ...['Ready=False AuthenticationFailed', 'Reconciling=False Idle', 'Stalled=False Idle'],
      ...[
        'FetchFailed=True AuthenticationFailed',
        'SourceVerified=Unknown NotRequired',
        'ArtifactOutdated=False Current',
      ],
    ],
  ],
  [
    'a source that somebody suspended, and a signature',
    {
      ...{ ...good, live: { commit: older }, newest: { kind: 'serving', commit: older, digest } },
      source: { ...source, suspended: { reason: 'a freeze' }, verified: { status: 'True', signer: 'ada@example.com' } },
    },
    [
      ...['Ready=True ReconciliationSucceeded', 'Reconciling=False Idle', 'Stalled=True Suspended'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=True Succeeded', 'ArtifactOutdated=True NewRevision'],
    ],
  ],
  [
    'a signature that does not hold',
    {
      ...good,
      source: {
        ...source,
        verified: { status: 'False', reason: 'git-signer-unknown', message: 'signed by a stranger' },
      },
    },
    [
      ...['Ready=True ReconciliationSucceeded', 'Reconciling=False Idle', 'Stalled=False Idle'],
      ...['FetchFailed=False Succeeded', 'SourceVerified=False git-signer-unknown', 'ArtifactOutdated=False Current'],
    ],
  ],
])('%s', (_, facts, conditions) => {
  expect(told(facts)).toEqual(conditions);
});

test('messages say which commit, how far, and what to mend', () => {
  const messages = (facts: ConditionFacts) =>
    Object.fromEntries(conditionsOf(facts, [], NOON).map(({ type, message }) => [type, message]));
  const rejected: ConditionFacts = {
    ...{ ...good, newest: { kind: 'rejected', commit }, live: { commit: older } },
    problem: 'error[HG3101]: unknown model',
  };
  expect(messages(rejected)).toMatchObject({
    Ready: 'abc1230 has errors: error[HG3101]: unknown model; 9990000 serves',
    ArtifactOutdated: 'abc1230 is known, 9990000 serves',
  });
  expect(messages({ ...good, newest: { kind: 'rolling-out', commit, digest }, proxies })).toMatchObject({
    Reconciling: 'abc1230 is on its way: 400 of 412 proxies have what they are offered',
  });
});

test('a status keeps its time until it changes', () => {
  const before = conditionsOf(good, [], NOON);
  const after = conditionsOf({ ...good, newest: { kind: 'rejected', commit } }, before, LATER);
  const times = (conditions: readonly Condition[]) =>
    conditions.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`);
  expect(times(after)).toEqual([
    ...[`Ready ${LATER}`, `Reconciling ${NOON}`, `Stalled ${LATER}`],
    ...[`FetchFailed ${NOON}`, `SourceVerified ${NOON}`, `ArtifactOutdated ${NOON}`],
  ]);
});
