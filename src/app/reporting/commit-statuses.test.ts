import { expect, test } from 'vitest';
import { diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { type CommitReport, commitStatuses } from './commit-statuses.ts';
import type { FleetProgress } from './fleet-progress.ts';

const commit = 'abc1230fedcba9876543210fedcba9876543210f';
const start = { line: 31, column: 14 };
const span = { file: 'models/eu.yaml', start, end: start };
const unknown = diagnostic('HG3101', span, 'unknown model "small"');
const refusal = diagnostic('HG6001', span, 'Envoy refused Cluster engines-eu: bad');
const gate = diagnostic('HG6001', { ...span, file: '(compiled)' }, '5 % of requests failed');
const eu: FleetProgress = { fleet: 'edge-eu', proxies: 412, acknowledged: 412, refused: 0 };
const us: FleetProgress = { fleet: 'edge-us', proxies: 0, acknowledged: 0, refused: 0 };

test.each<[string, CommitReport, string[]]>([
  ['a good tree', { commit, kind: 'validated', findings: [] }, ['headgate/validate success: validated']],
  [
    'a bad tree',
    { commit, kind: 'rejected', findings: [unknown, unknown] },
    ['headgate/validate failure: 2 errors: models/eu.yaml:31 HG3101 unknown model "small"'],
  ],
  [
    'a rollout',
    { commit, kind: 'rolling-out', fleets: [{ ...eu, acknowledged: 7, refused: 1 }] },
    ['headgate/serve/edge-eu pending: 7/412 acknowledged on abc1230, 1 NACK'],
  ],
  [
    'a rollout by waves',
    { commit, kind: 'rolling-out', fleets: [{ ...eu, acknowledged: 41, wave: { wave: 1, waves: 3 } }] },
    ['headgate/serve/edge-eu pending: 41/412 acknowledged on abc1230, wave 1/3, 0 NACK'],
  ],
  [
    'the end of a rollout',
    { commit, kind: 'serving', fleets: [eu, us] },
    [
      'headgate/serve/edge-eu success: 412/412 acknowledged on abc1230, 0 NACK',
      'headgate/serve/edge-us success: no proxy is connected, abc1230 is what the next one gets',
    ],
  ],
  [
    'a refusal',
    { commit, kind: 'rolled-back', fleets: [{ ...eu, refused: 3 }, us], findings: [refusal] },
    [
      'headgate/serve/edge-eu failure: rolled back: 3 NACKs, models/eu.yaml:31',
      'headgate/serve/edge-us failure: rolled back: refused in edge-eu, models/eu.yaml:31',
    ],
  ],
  [
    'a refusal, with a branch that takes it back',
    {
      ...{ commit, kind: 'rolled-back', fleets: [{ ...eu, refused: 1 }], findings: [refusal] },
      revert: 'headgate/revert-abc1230fedcb',
    },
    [
      'headgate/serve/edge-eu failure: rolled back: 1 NACK, models/eu.yaml:31; headgate/revert-abc1230fedcb takes it back',
    ],
  ],
  [
    'a commit that nobody signed',
    { commit, kind: 'refused', message: 'none of the allowed signers signed' },
    ['headgate/validate failure: not taken: none of the allowed signers signed'],
  ],
  [
    'a commit that a newer one overtook',
    { commit, kind: 'passed-over', by: 'def4567def4567' },
    ['headgate/validate error: not looked at: superseded by def4567'],
  ],
  [
    'a gate that was not passed',
    { commit, kind: 'rolled-back', fleets: [eu], findings: [gate] },
    ['headgate/serve/edge-eu failure: rolled back: HG6001 5 % of requests failed'],
  ],
  [
    'what was refused before',
    { commit, kind: 'rolled-back', fleets: [us], findings: [] },
    ['headgate/serve/edge-us failure: not served: this content was stopped before'],
  ],
  [
    'a newer commit',
    { commit, kind: 'superseded', by: 'def4567def4567', fleets: [us] },
    ['headgate/serve/edge-us error: superseded by def4567'],
  ],
])('%s', (_, report, statuses) => {
  const shown = commitStatuses(report, { installation: 'headgate' });
  expect(shown.map(({ context, state, description }) => `${context} ${state}: ${description}`)).toEqual(statuses);
});

test('several installations have contexts of their own, and a link where the settings name a page', () => {
  const naming = { installation: 'prod-eu', link: 'https://status.example.com/{commit}' };
  expect(commitStatuses({ commit, kind: 'validated', findings: [] }, naming)).toEqual([
    {
      ...{ commit, context: 'prod-eu/validate', state: 'success', description: 'validated' },
      link: `https://status.example.com/${commit}`,
    },
  ]);
});
