import { expect, test } from 'vitest';
import type { DeciderStatus } from '../decide/decider-status.ts';
import { anyStatusChanges, describeAnyStatus } from './decider-text.ts';

const [LIVE, NEXT] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];

const STATUS: DeciderStatus = {
  ...{ version: '1', decider: 'one', address: '10.0.0.6:18011', ready: true, leaving: false, openExchanges: 0 },
  controlPlane: { address: '10.0.0.5:18004', connected: true },
  ...{ live: LIVE, held: [LIVE], engines: [], records: { written: 0, dropped: 0 } },
};

test('a decider of its own says whom it follows and what it holds', () => {
  expect(describeAnyStatus(STATUS, 0)).toBe(
    [
      'decider        one',
      'address        10.0.0.6:18011',
      'state          ready',
      'control plane  10.0.0.5:18004',
      'live           sha256:111111111111',
      'held           sha256:111111111111',
      '',
    ].join('\n'),
  );
});

test('a watch tells what changed of it', () => {
  const away: DeciderStatus = {
    ...{ ...STATUS, candidate: NEXT, held: [LIVE, NEXT] },
    controlPlane: { ...STATUS.controlPlane, connected: false, failure: 'connect ECONNREFUSED' },
  };
  expect(anyStatusChanges(away, STATUS)).toEqual([
    'control plane: 10.0.0.5:18004  connect ECONNREFUSED',
    'candidate: sha256:222222222222',
    'held: sha256:111111111111, sha256:222222222222',
  ]);
});
