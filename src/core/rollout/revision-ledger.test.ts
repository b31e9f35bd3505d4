import { expect, test } from 'vitest';
import type { Digest } from '../base/digest.ts';
import {
  type RevisionAction,
  type RevisionEvent,
  type RevisionLedger,
  startLedger,
  stepLedger,
} from './revision-ledger.ts';

const A: Digest = 'sha256:a';
const B: Digest = 'sha256:b';
const live = { digest: A, commit: 'c1' };

function run(
  start: RevisionLedger,
  events: readonly RevisionEvent[],
): { ledger: RevisionLedger; actions: RevisionAction[] } {
  let ledger = start;
  const actions: RevisionAction[] = [];
  for (const event of events) {
    const step = stepLedger(ledger, event);
    ledger = step.ledger;
    actions.push(...step.actions);
  }
  return { ledger, actions };
}

test('the first revision is published, and kept when every proxy has it', () => {
  expect(
    run(startLedger(undefined), [
      { kind: 'compiled', commit: 'c1', digest: A },
      { kind: 'acknowledged', digest: A },
    ]),
  ).toEqual({
    ledger: { frozen: [], live, newest: { kind: 'serving', commit: 'c1', digest: A } },
    actions: [
      { kind: 'publish', digest: A },
      { kind: 'keep', digest: A, commit: 'c1' },
    ],
  });
});

test('a rejected commit changes nothing that serves', () => {
  expect(run(startLedger(live), [{ kind: 'rejected', commit: 'c2' }])).toEqual({
    ledger: { frozen: [], live, newest: { kind: 'rejected', commit: 'c2' } },
    actions: [],
  });
});

test('a commit that means the same is not pushed', () => {
  expect(run(startLedger(live), [{ kind: 'compiled', commit: 'c2', digest: A }])).toEqual({
    ledger: { frozen: [], live: { digest: A, commit: 'c2' }, newest: { kind: 'serving', commit: 'c2', digest: A } },
    actions: [{ kind: 'keep', digest: A, commit: 'c2' }],
  });
});

test('a refused revision is frozen, the live one is put back, and no later commit brings it again', () => {
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'refused', digest: B },
    { kind: 'refused', digest: B },
    { kind: 'compiled', commit: 'c3', digest: B },
  ];
  expect(run(startLedger(live), events)).toEqual({
    ledger: { frozen: [B], live, newest: { kind: 'frozen', commit: 'c3', digest: B } },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: A },
    ],
  });
});

test('a newer commit takes the place of a candidate under way', () => {
  const C: Digest = 'sha256:c';
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'compiled', commit: 'c3', digest: C },
    { kind: 'acknowledged', digest: B },
    { kind: 'acknowledged', digest: C },
  ];
  expect(run(startLedger(live), events)).toEqual({
    ledger: { frozen: [], live: { digest: C, commit: 'c3' }, newest: { kind: 'serving', commit: 'c3', digest: C } },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: C },
      { kind: 'keep', digest: C, commit: 'c3' },
    ],
  });
});

test('a revert to the live content takes a candidate back', () => {
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'compiled', commit: 'c3', digest: A },
  ];
  expect(run(startLedger(live), events)).toEqual({
    ledger: { frozen: [], live: { digest: A, commit: 'c3' }, newest: { kind: 'serving', commit: 'c3', digest: A } },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: A },
      { kind: 'keep', digest: A, commit: 'c3' },
    ],
  });
});

test.each<[string, RevisionEvent, Partial<RevisionLedger>]>([
  ['acknowledged', { kind: 'acknowledged', digest: B }, { frozen: [], live: { digest: B, commit: 'c2' } }],
  ['refused', { kind: 'refused', digest: B }, { frozen: [B], live }],
])('a rejected commit stays the newest when an older one is %s', (_what, event, expected) => {
  const { ledger } = run(startLedger(live), [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'rejected', commit: 'c3' },
    event,
  ]);
  expect(ledger).toEqual({ ...expected, newest: { kind: 'rejected', commit: 'c3' } });
});

test('a revision that was taken once is not frozen by a proxy that refuses it later', () => {
  expect(run(startLedger(live), [{ kind: 'refused', digest: A }])).toEqual({
    ledger: { frozen: [], live },
    actions: [],
  });
});
