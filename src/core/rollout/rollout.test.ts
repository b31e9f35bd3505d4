import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOfText } from '../base/digest.ts';
import type { RolloutPlan } from '../ir/rollout-plan.ts';
import { countRecord, NO_REQUESTS, type RevisionCounters } from './revision-counters.ts';
import { lookAtRollout, type Rollout, refuseRollout, startRollout } from './rollout.ts';
import type { ComparedCounters, RolloutAction, RolloutNode, RolloutView } from './rollout-view.ts';
import { ALL_AT_ONCE } from './waves.ts';

const NEW = { digest: digestOfText('new'), commit: 'c2' };
const OLD = digestOfText('old');
const PLAN: RolloutPlan = {
  waves: [
    { kind: 'count', proxies: 1 },
    { kind: 'share', share: 1 },
  ],
  bakeMs: 5_000,
  requestsMin: 10,
  ackTimeoutMs: 60_000,
  gates: { nacks: 0, denyRateRise: 0.05 },
};

function node(name: string, fullyAcknowledged: string = OLD, connectedForMs = 1e6): RolloutNode {
  return { node: name, fleet: 'edge', labels: {}, connectedForMs, fullyAcknowledged };
}

function requests(count: number, kind: 'answered' | 'refused'): RevisionCounters {
  const record = { outcome: { kind, status: 200, costMicroUsd: 0 } } as const;
  return Array.from({ length: count }).reduce<RevisionCounters>((sum) => countRecord(sum, record), NO_REQUESTS);
}

const UNCOUNTED: ComparedCounters = { candidate: NO_REQUESTS, previous: NO_REQUESTS };

/** Looks again and again, and remembers what was answered. */
class Lab {
  rollout: Rollout;
  nowMs = 1_000;
  nodes: RolloutNode[] = [node('a'), node('b'), node('c')];
  view: Partial<Omit<RolloutView, 'compared'>> = {};
  /** Of the fleet `edge`. */
  counted = UNCOUNTED;
  wakeAtMs: number | undefined;

  constructor(plan: RolloutPlan = PLAN) {
    this.rollout = startRollout(NEW, [{ fleet: 'edge', plan }]);
  }

  look(): readonly RolloutAction[] {
    const { nowMs, nodes } = this;
    const step = lookAtRollout(this.rollout, {
      nowMs,
      nodes,
      isExpecting: false,
      isPaused: false,
      compared: (fleet) => (fleet === 'edge' ? this.counted : UNCOUNTED),
      ...this.view,
    });
    this.rollout = step.rollout;
    this.wakeAtMs = step.wakeAtMs;
    return step.actions;
  }

  /** The proxies that were offered it acknowledge it. */
  acknowledge(): void {
    const nodes = this.rollout.fleets[0]?.nodes ?? new Set();
    this.nodes = this.nodes.map((each) =>
      nodes === 'all' || nodes.has(each.node) ? node(each.node, NEW.digest) : each,
    );
  }

  after(ms: number): readonly RolloutAction[] {
    this.nowMs += ms;
    return this.look();
  }
}

const first = (name: string) => [
  { kind: 'wave-started', fleet: 'edge', wave: 0 },
  { kind: 'offer', fleet: 'edge', nodes: new Set([name]) },
];
const UNMEASURED = { figures: [], isMeasured: false };
const passed = (wave: number) => ({ kind: 'wave-passed', fleet: 'edge', wave, judgement: UNMEASURED });
const ALL = [
  { kind: 'wave-started', fleet: 'edge', wave: 1 },
  { kind: 'offer', fleet: 'edge', nodes: 'all' },
];

describe('a rollout by waves', () => {
  test('goes on when a wave has it and was watched, and is complete after the last one', () => {
    const lab = new Lab();
    const [started, offer] = lab.look();
    expect([started, offer]).toEqual(first('a'));
    expect(lab.after(10_000)).toEqual([]);
    lab.acknowledge();
    expect([lab.look(), lab.after(4_999)]).toEqual([[], []]);
    expect(lab.after(1)).toEqual([passed(0), ...ALL]);
    lab.acknowledge();
    expect([lab.look(), lab.after(5_000)]).toEqual([[], [passed(1), { kind: 'complete', taken: true }]]);
  });

  test('stands still while it is paused, and goes on from there', () => {
    const lab = new Lab();
    lab.view = { isPaused: true };
    expect(lab.look()).toEqual([]);
    lab.view = {};
    lab.look();
    lab.acknowledge();
    lab.look();
    lab.view = { isPaused: true };
    expect(lab.after(60_000)).toEqual([]);
    lab.view = {};
    expect(lab.look()).toEqual([passed(0), ...ALL]);
  });

  test('is watched to its end although its proxies are gone meanwhile', () => {
    const lab = new Lab();
    lab.look();
    lab.acknowledge();
    lab.look();
    lab.after(5_000);
    lab.acknowledge();
    lab.look();
    lab.nodes = [];
    expect([lab.after(4_999), lab.after(1)]).toEqual([[], [passed(1), { kind: 'complete', taken: false }]]);
  });

  test('reaches everybody at once where no proxy is connected, and waits for those that are expected', () => {
    const lab = new Lab();
    lab.nodes = [];
    lab.view = { isExpecting: true };
    const nobody = [
      { kind: 'wave-started', fleet: 'edge', wave: 0 },
      { kind: 'offer', fleet: 'edge', nodes: new Set() },
    ];
    expect(lab.look()).toEqual(nobody);
    lab.view = {};
    expect(lab.look()).toEqual([passed(0), ...ALL, passed(1), { kind: 'complete', taken: false }]);
  });
});

describe('a rollout is stopped', () => {
  const breached = (breach: object) => [{ kind: 'breached', breach: { fleet: 'edge', wave: 0, ...breach } }];

  test('by the first proxy that refuses it', () => {
    const lab = new Lab();
    lab.look();
    const { actions } = refuseRollout(lab.rollout, 'edge', 'a');
    expect(actions).toEqual(breached({ kind: 'refused', nodes: ['a'] }));
  });

  test('by one proxy more than may refuse it, each counted once, and by all of a wave', () => {
    const lab = new Lab({
      ...PLAN,
      waves: [{ kind: 'count', proxies: 3 }, ...PLAN.waves.slice(1)],
      gates: { nacks: 1 },
    });
    lab.look();
    const once = refuseRollout(lab.rollout, 'edge', 'a');
    const twice = refuseRollout(once.rollout, 'edge', 'a');
    expect([once.actions, twice.actions]).toEqual([[], []]);
    expect(refuseRollout(twice.rollout, 'edge', 'b').actions).toEqual(breached({ kind: 'refused', nodes: ['a', 'b'] }));
    const alone = new Lab({ ...PLAN, gates: { nacks: 1 } });
    alone.look();
    alone.rollout = refuseRollout(alone.rollout, 'edge', 'a').rollout;
    expect(alone.look()).toEqual(breached({ kind: 'refused', nodes: ['a'] }));
  });

  test('by a proxy that does not acknowledge it in time, counted from when it connected', () => {
    const lab = new Lab();
    lab.look();
    expect(lab.wakeAtMs).toBe(2_000);
    lab.nodes = lab.nodes.map((each) => ({ ...each, connectedForMs: 59_999 }));
    expect(lab.after(60_000)).toEqual([]);
    lab.nodes = lab.nodes.map((each) => ({ ...each, connectedForMs: 60_000 }));
    expect(lab.look()).toEqual(breached({ kind: 'unacknowledged', nodes: ['a'] }));
  });

  test('by a wave that goes away and does not come back', () => {
    const lab = new Lab();
    lab.look();
    lab.nodes = [node('b'), node('c')];
    expect([lab.look(), lab.after(59_999)]).toEqual([[], []]);
    expect(lab.after(1)).toEqual(breached({ kind: 'unacknowledged', nodes: ['a'] }));
  });

  test('by a gate as soon as enough requests say so', () => {
    const lab = new Lab();
    lab.look();
    lab.acknowledge();
    lab.look();
    lab.counted = { candidate: requests(9, 'refused'), previous: requests(100, 'answered') };
    expect(lab.after(1_000)).toEqual([]);
    lab.counted = { ...lab.counted, candidate: requests(10, 'refused') };
    const figure = { gate: 'denyRateRise', before: 0, now: 1, allowed: 0.05, isBroken: true };
    expect(lab.after(1_000)).toEqual(breached({ kind: 'gate', figures: [figure] }));
  });
});

test('without a plan all proxies have it at once, and it is complete when they do', () => {
  const lab = new Lab(ALL_AT_ONCE);
  expect(lab.look()).toEqual([
    { kind: 'wave-started', fleet: 'edge', wave: 0 },
    { kind: 'offer', fleet: 'edge', nodes: 'all' },
  ]);
  lab.acknowledge();
  const measured = { figures: [], isMeasured: true };
  expect(lab.look()).toEqual([
    { kind: 'wave-passed', fleet: 'edge', wave: 0, judgement: measured },
    { kind: 'complete', taken: true },
  ]);
});

test('whatever proxies come and go, none that had it is left out of a later wave, and no wave is skipped', () => {
  const names = fc.subarray(['a', 'b', 'c', 'd', 'e']);
  const waves: RolloutPlan['waves'] = [
    { kind: 'count', proxies: 1 },
    { kind: 'share', share: 0.5 },
    { kind: 'share', share: 1 },
  ];
  fc.assert(
    fc.property(fc.array(fc.record({ names, taken: fc.boolean(), ms: fc.nat(10_000) }), { maxLength: 30 }), (looks) => {
      const lab = new Lab({ ...PLAN, waves, gates: { nacks: 0 } });
      const offered: (ReadonlySet<string> | 'all')[] = [new Set()];
      const started: number[] = [];
      for (const each of looks) {
        lab.nodes = each.names.map((name) => lab.nodes.find((known) => known.node === name) ?? node(name, OLD, 0));
        if (each.taken) lab.acknowledge();
        const actions = lab.after(each.ms);
        offered.push(...actions.flatMap((action) => (action.kind === 'offer' ? [action.nodes] : [])));
        started.push(...actions.flatMap((action) => (action.kind === 'wave-started' ? [action.wave] : [])));
        if (actions.some(({ kind }) => kind === 'complete' || kind === 'breached')) break;
      }
      expect(started).toEqual(started.map((_, index) => index));
      const lost = offered.slice(1).map((nodes, index) => {
        const before = offered[index] ?? 'all';
        if (nodes === 'all') return [];
        return before === 'all' ? ['everybody'] : [...before].filter((name) => !nodes.has(name));
      });
      expect(lost.flat()).toEqual([]);
    }),
  );
});
