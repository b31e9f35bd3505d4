import { describe, expect, test } from 'vitest';
import type { Digest } from '../base/digest.ts';
import {
  type LiveMark,
  type RevisionAction,
  type RevisionEvent,
  type RevisionLedger,
  startLedger,
  stepLedger,
} from './revision-ledger.ts';

const A: Digest = 'sha256:a';
const B: Digest = 'sha256:b';
const C: Digest = 'sha256:c';
const live: LiveMark = { digest: A, commit: 'c1', taken: true };
/** Where proxies serve A already. */
const serving = started([live], []);

function started(served: readonly LiveMark[], frozen: readonly Digest[]): RevisionLedger {
  return startLedger({ served, frozen, past: [] });
}

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
    run(started([], []), [
      { kind: 'compiled', commit: 'c1', digest: A },
      { kind: 'acknowledged', digest: A, taken: true },
    ]),
  ).toEqual({
    ledger: { frozen: [], past: [A], behind: [], live, newest: { kind: 'serving', commit: 'c1', digest: A } },
    actions: [
      { kind: 'publish', digest: A },
      { kind: 'keep', live },
    ],
  });
});

test('a rejected commit changes nothing that serves', () => {
  expect(run(serving, [{ kind: 'rejected', commit: 'c2' }])).toEqual({
    ledger: { frozen: [], past: [A], behind: [], live, newest: { kind: 'rejected', commit: 'c2' } },
    actions: [],
  });
});

test('a commit that means the same is not pushed', () => {
  expect(run(serving, [{ kind: 'compiled', commit: 'c2', digest: A }])).toEqual({
    ledger: {
      frozen: [],
      past: [A],
      behind: [],
      live: { ...live, commit: 'c2' },
      newest: { kind: 'serving', commit: 'c2', digest: A },
    },
    actions: [{ kind: 'keep', live: { ...live, commit: 'c2' } }],
  });
});

test('a refused revision is frozen, the live one is put back, and no later commit brings it again', () => {
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'refused', digest: B },
    { kind: 'refused', digest: B },
    { kind: 'compiled', commit: 'c3', digest: B },
  ];
  expect(run(serving, events)).toEqual({
    ledger: { frozen: [B], past: [A], behind: [], live, newest: { kind: 'frozen', commit: 'c3', digest: B } },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: A },
      { kind: 'keep-frozen', digests: [B] },
    ],
  });
});

test('a newer commit takes the place of a candidate under way', () => {
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'compiled', commit: 'c3', digest: C },
    { kind: 'acknowledged', digest: B, taken: true },
    { kind: 'acknowledged', digest: C, taken: true },
  ];
  expect(run(serving, events)).toEqual({
    ledger: {
      frozen: [],
      past: [C, A],
      behind: [],
      live: { digest: C, commit: 'c3', taken: true },
      newest: { kind: 'serving', commit: 'c3', digest: C },
    },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: C },
      { kind: 'keep', live: { digest: C, commit: 'c3', taken: true } },
    ],
  });
});

test('a revert to the live content takes a candidate back', () => {
  const events: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'compiled', commit: 'c3', digest: A },
  ];
  expect(run(serving, events)).toEqual({
    ledger: {
      frozen: [],
      past: [A],
      behind: [],
      live: { ...live, commit: 'c3' },
      newest: { kind: 'serving', commit: 'c3', digest: A },
    },
    actions: [
      { kind: 'publish', digest: B },
      { kind: 'publish', digest: A },
      { kind: 'keep', live: { ...live, commit: 'c3' } },
    ],
  });
});

test.each<[string, RevisionEvent, Partial<RevisionLedger>]>([
  [
    'acknowledged',
    { kind: 'acknowledged', digest: B, taken: true },
    { frozen: [], past: [B, A], behind: [], live: { digest: B, commit: 'c2', taken: true } },
  ],
  ['refused', { kind: 'refused', digest: B }, { frozen: [B], past: [A], behind: [], live }],
])('a rejected commit stays the newest when an older one is %s', (_what, event, expected) => {
  const { ledger } = run(serving, [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'rejected', commit: 'c3' },
    event,
  ]);
  expect(ledger).toEqual({ ...expected, newest: { kind: 'rejected', commit: 'c3' } });
});

test('a revision that was taken once is not frozen by a proxy that refuses it later', () => {
  expect(run(serving, [{ kind: 'refused', digest: A }])).toEqual({ ledger: serving, actions: [] });
});

test('what an earlier process froze is not tried again', () => {
  expect(run(started([live], [B]), [{ kind: 'compiled', commit: 'c2', digest: B }])).toEqual({
    ledger: { frozen: [B], past: [A], behind: [], live, newest: { kind: 'frozen', commit: 'c2', digest: B } },
    actions: [],
  });
});

test('a frozen revision that is thawed is tried once more', () => {
  const events: RevisionEvent[] = [
    { kind: 'thawed', digest: B },
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'thawed', digest: A },
  ];
  expect(run(started([live], [B]), events)).toEqual({
    ledger: {
      ...{ frozen: [], past: [A], behind: [], live, candidate: { digest: B, commit: 'c2' } },
      newest: { kind: 'rolling-out', commit: 'c2', digest: B },
    },
    actions: [
      { kind: 'keep-frozen', digests: [] },
      { kind: 'publish', digest: B },
    ],
  });
});

describe('a revision that serves because no proxy was there', () => {
  const untakenB: LiveMark = { digest: B, commit: 'c2', taken: false };
  const untakenC: LiveMark = { digest: C, commit: 'c3', taken: false };
  const brought: RevisionEvent[] = [
    { kind: 'compiled', commit: 'c2', digest: B },
    { kind: 'acknowledged', digest: B, taken: false },
    { kind: 'compiled', commit: 'c3', digest: C },
    { kind: 'acknowledged', digest: C, taken: false },
  ];
  const both = run(serving, brought).ledger;

  test('knows what it leads back to', () => {
    expect(run(serving, brought)).toEqual({
      ledger: {
        ...{ frozen: [], past: [A], behind: [untakenB, live], live: untakenC },
        newest: { kind: 'serving', commit: 'c3', digest: C },
      },
      actions: [
        { kind: 'publish', digest: B },
        { kind: 'keep', live: untakenB },
        { kind: 'publish', digest: C },
        { kind: 'keep', live: untakenC },
      ],
    });
  });

  test('is proved by the first proxy that takes it, and frozen by none after that', () => {
    const events: RevisionEvent[] = [
      { kind: 'acknowledged', digest: C, taken: true },
      { kind: 'refused', digest: C },
    ];
    expect(run(both, events)).toEqual({
      ledger: {
        ...{ frozen: [], past: [C, A], behind: [], live: { ...untakenC, taken: true } },
        newest: { kind: 'serving', commit: 'c3', digest: C },
      },
      actions: [{ kind: 'keep', live: { ...untakenC, taken: true } }],
    });
  });

  test('is frozen by the first proxy that refuses it, and so is the one before it', () => {
    const events: RevisionEvent[] = [
      { kind: 'refused', digest: C },
      { kind: 'refused', digest: B },
      { kind: 'refused', digest: A },
    ];
    expect(run(both, events)).toEqual({
      ledger: { frozen: [C, B], past: [A], behind: [], live, newest: { kind: 'frozen', commit: 'c3', digest: C } },
      actions: [
        { kind: 'publish', digest: B },
        { kind: 'keep-frozen', digests: [C] },
        { kind: 'keep', live: untakenB },
        { kind: 'publish', digest: A },
        { kind: 'keep-frozen', digests: [C, B] },
        { kind: 'keep', live },
      ],
    });
  });

  test('is frozen after a restart too, also where nothing served before it', () => {
    expect(run(started([untakenB], []), [{ kind: 'refused', digest: B }])).toEqual({
      ledger: { frozen: [B], past: [], behind: [], newest: { kind: 'frozen', commit: 'c2', digest: B } },
      actions: [{ kind: 'keep-frozen', digests: [B] }],
    });
  });

  test('gives way to the one before it, beneath a candidate that is on its way', () => {
    const D: Digest = 'sha256:d';
    const events: RevisionEvent[] = [
      { kind: 'compiled', commit: 'c4', digest: D },
      { kind: 'refused', digest: B },
    ];
    expect(run(started([untakenB, live], []), events)).toEqual({
      ledger: {
        ...{ frozen: [B], past: [A], behind: [], live, candidate: { digest: D, commit: 'c4' } },
        newest: { kind: 'rolling-out', commit: 'c4', digest: D },
      },
      actions: [
        { kind: 'publish', digest: D },
        { kind: 'publish', digest: A },
        { kind: 'keep-frozen', digests: [B] },
        { kind: 'keep', live },
      ],
    });
  });

  test('is known to be good where a proxy took it before', () => {
    const back: RevisionEvent[] = [
      { kind: 'compiled', commit: 'c4', digest: A },
      { kind: 'acknowledged', digest: A, taken: false },
    ];
    expect(run(both, back).ledger).toEqual({
      ...{ frozen: [], past: [A], behind: [], live: { ...live, commit: 'c4' } },
      newest: { kind: 'serving', commit: 'c4', digest: A },
    });
  });
});
