import { expect, test } from 'vitest';
import { diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { ControlEvent } from '../control/control-event.ts';
import type { RevertProposal } from './propose-revert.ts';
import { createReverts } from './reverts.ts';

const GOOD = '0'.repeat(40);
const BAD = '1'.repeat(40);
const digest = 'sha256:0' as const;
const start = { line: 1, column: 1 };
const found = diagnostic('HG6001', { file: 'a.yaml', start, end: start }, 'refused');
const frozen = (commit: string, findings = [found]): ControlEvent => ({
  ...{ kind: 'frozen', commit, digest, diagnostics: 'a.yaml:1 refused', findings },
});

test('a commit that is stopped now, and no other, is taken back to the one that serves', async () => {
  const told: ControlEvent[] = [];
  const logged: unknown[] = [];
  const proposals: RevertProposal[] = [];
  const log = { warn: (...words: unknown[]) => void logged.push(words) };
  const { onEvent, follow } = createReverts((event) => told.push(event), log);
  onEvent(frozen(BAD));
  const ledger = { live: { commit: GOOD, digest, taken: true } };
  const outcomes = [
    () => Promise.resolve({ branch: 'b', commit: 'c', pushed: true } as const),
    () => Promise.reject(new Error('no room')),
  ];
  const proposeRevert = (proposal: RevertProposal) => {
    proposals.push(proposal);
    return outcomes.shift()?.() ?? Promise.reject(new Error('asked too often'));
  };
  follow({ proposeRevert }, { ledger });
  const events = [
    ...[frozen(BAD, []), frozen(GOOD), frozen('directory-0123456789ab')],
    ...[frozen(BAD), frozen(BAD), { kind: 'serving', commit: BAD, digest } as const],
  ];
  for (const event of events) onEvent(event);
  await expect.poll(() => logged.length).toBe(2);
  expect(told.length).toBe(events.length + 1);
  const asked = { bad: BAD, good: GOOD, why: 'a.yaml:1 refused' };
  expect(proposals).toEqual([asked, asked]);
  expect(logged).toEqual([
    [{ bad: BAD, good: GOOD, branch: 'b', commit: 'c', pushed: true }, 'a branch takes the commit back'],
    [{ bad: BAD, good: GOOD, cause: 'Error: no room' }, 'no branch takes the commit back'],
  ]);
});
