import { afterEach, describe, expect, test, vi } from 'vitest';
import { fixtureText, routeDocument } from '../../../test/support/revision-fixture.ts';
import { digestOfText } from '../../core/base/digest.ts';
import { ok } from '../../core/base/result.ts';
import { diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { countRecord, NO_REQUESTS, type RevisionCounters } from '../../core/rollout/revision-counters.ts';
import type { RevisionMark } from '../../core/rollout/revision-ledger.ts';
import type { WaveNodes } from '../../core/rollout/waves.ts';
import { type KeptProgress, NO_PROGRESS } from '../../io/store/rollout-progress.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { RevisionFiles } from '../revision/compile-revision.ts';
import { ControlPlane } from './control-plane.ts';
import type { ControlPorts } from './control-ports.ts';
import type { RolloutBefore } from './rollout-before.ts';

const ROLLOUT = '{ waves: [ 1, 100% ], bake: { time: 10s, requests: 10 }, gates: { denyRateRise: 5pp } }';
const FLEET = `\napiVersion: headgate.dev/v1\nkind: Fleet\nmetadata: { name: edge }\nspec: { match: { cluster: edge }, listeners: [ { name: api, port: 10000 } ], rollout: ${ROLLOUT} }\n`;

/** Another number of attempts is another meaning. */
function tree(commit: string, attempts: number): RevisionFiles {
  const spec = `match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]\n  retry: { attempts: ${attempts} }`;
  const text = fixtureText({ routes: [routeDocument('chat', spec)], documents: [FLEET] });
  const file = { path: 'all.yaml', blobId: digestOfText(text), bytes: new TextEncoder().encode(text) };
  return { commit, files: [file], findings: [] };
}

/** A control plane with three proxies that acknowledge whatever they are offered, but for silent ones. */
class Lab {
  readonly events: string[] = [];
  readonly failures: string[] = [];
  readonly counters = new Map<string, RevisionCounters>();
  readonly silent = new Set<string>();
  readonly forbidden = new Set<string>();
  readonly plane: ControlPlane;
  nowMs = 0;
  isDiskGone = false;
  progress: KeptProgress = NO_PROGRESS;
  stable: Bundle | undefined;
  trial: { bundle: Bundle; nodes: WaveNodes } | undefined;
  readonly #held = new Map<string, string>();

  constructor(before: Partial<RolloutBefore> = {}) {
    this.plane = new ControlPlane(this.#ports(), { served: [], frozen: [], progress: NO_PROGRESS, ...before });
  }

  /** Takes a commit as far as it gets without waiting for proxies that are watched. */
  async take(commit: string, attempts: number): Promise<void> {
    const superseded = new AbortController();
    const taken = this.plane.take(tree(commit, attempts), superseded.signal);
    await this.settle();
    superseded.abort();
    await taken;
  }

  /** The proxies acknowledge what they are offered, until nothing changes. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      for (const node of ['a', 'b', 'c']) {
        const offered = this.offered(node);
        if (offered !== undefined && !this.silent.has(node)) this.#held.set(node, offered.digest);
      }
      await this.plane.proxiesChanged();
    }
  }

  async after(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.settle();
  }

  offered(node: string): Bundle | undefined {
    const isTrial = this.trial?.nodes === 'all' || this.trial?.nodes.has(node);
    return isTrial ? this.trial?.bundle : this.stable;
  }

  /** The commits by which the proxies decide. */
  serving(): string {
    return ['a', 'b', 'c'].map((node) => this.offered(node)?.commit).join(' ');
  }

  #ports(): ControlPorts {
    return {
      compilePolicies: async () => ok({ wasm: new Uint8Array(0), index: { guardrails: {} }, builtinPackages: [] }),
      context: { secrets: {}, authorities: [] },
      publisher: {
        publish: (bundle) => {
          this.stable = bundle;
          this.trial = undefined;
        },
        offer: (bundle, nodes) => {
          this.trial = { bundle, nodes: nodes.get('edge') ?? new Set() };
        },
        takeBack: () => {
          this.trial = undefined;
        },
        explainRefusal: ({ message }) => [diagnostic('HG6001', AT, message)],
      },
      judgeChange: async ({ candidate }) => ({
        findings: this.forbidden.has(candidate.commit) ? [diagnostic('HG6007', AT, 'too much')] : [],
        checks: [],
      }),
      hold: () => Promise.resolve(),
      keep: () => Promise.resolve(),
      keepFrozen: () => Promise.resolve(),
      keepProgress: (progress) => {
        this.progress = progress;
        return this.isDiskGone ? Promise.reject(new Error('the disk is gone')) : Promise.resolve();
      },
      proxies: () =>
        ['a', 'b', 'c'].map((node) => ({
          node,
          fleet: 'edge',
          labels: {},
          connectedForMs: 1e9,
          fullyAcknowledged: this.#held.get(node),
        })),
      isExpecting: () => false,
      proxiesReturned: () => Promise.resolve(),
      counters: (key) => this.counters.get(key) ?? NO_REQUESTS,
      monotonicMs: () => this.nowMs,
      onFailure: (cause) => void this.failures.push(String(cause)),
      onEvent: (event) => {
        if (event.kind === 'validated' || event.kind === 'published') return;
        const wave = 'wave' in event ? ` ${event.wave}/${event.waves}` : '';
        this.events.push(`${event.kind}${'commit' in event ? ` ${event.commit}` : ''}${wave}`);
      },
    };
  }
}

const AT = { file: 'all.yaml', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };

/** c1 serves, and c2 is with its first proxy. */
async function inFirstWave(): Promise<Lab> {
  const lab = new Lab();
  await lab.take('c1', 1);
  lab.events.length = 0;
  await lab.take('c2', 2);
  return lab;
}

function requests(kind: 'answered' | 'refused', count: number): RevisionCounters {
  const record = { outcome: { kind, status: 200, costMicroUsd: 0 } } as const;
  return Array.from({ length: count }).reduce<RevisionCounters>((sum) => countRecord(sum, record), NO_REQUESTS);
}

describe('a commit that goes by waves', () => {
  test('serves when its last wave was watched', async () => {
    const lab = await inFirstWave();
    expect(lab.serving()).toBe('c2 c1 c1');
    await lab.after(9_999);
    expect(lab.serving()).toBe('c2 c1 c1');
    await lab.after(1);
    expect([lab.serving(), lab.plane.ledger.live?.commit]).toEqual(['c2 c2 c2', 'c1']);
    await lab.after(10_000);
    expect([lab.events, lab.plane.ledger.live?.commit]).toEqual([
      ['wave-started c2 1/2', 'wave-passed c2 1/2', 'wave-started c2 2/2', 'wave-passed c2 2/2', 'serving c2'],
      'c2',
    ]);
  });

  test('is taken back and frozen when a proxy refuses it, with the line', async () => {
    const lab = await inFirstWave();
    const digest = lab.plane.ledger.candidate?.digest ?? 'sha256:none';
    await lab.plane.refused({ digest, fleet: 'edge', node: 'a', typeUrl: 't', names: ['x'], message: 'no such thing' });
    expect([lab.serving(), lab.events.slice(1), lab.plane.diagnostics]).toEqual([
      ...['c1 c1 c1', ['frozen c2', 'rolled-back c2']],
      expect.stringContaining('all.yaml:1:1'),
    ]);
  });

  test('is taken back and frozen when a gate breaks', async () => {
    const lab = await inFirstWave();
    const { live, candidate } = lab.plane.ledger;
    const count = (mark: RevisionMark | undefined, fleet: string, counted: RevisionCounters) =>
      lab.counters.set(`${mark?.digest} ${fleet}`, counted);
    // What another fleet is refused says nothing of this one.
    count(live, 'edge', requests('answered', 100));
    count(live, 'other', requests('answered', 100));
    count(candidate, 'other', requests('refused', 20));
    await lab.after(1_000);
    expect(lab.plane.ledger.candidate).toEqual(candidate);
    count(candidate, 'edge', requests('refused', 20));
    await lab.after(1_000);
    expect([lab.serving(), lab.plane.diagnostics]).toEqual(['c1 c1 c1', expect.stringContaining('HG6005')]);
    lab.events.length = 0;
    await lab.take('c3', 2);
    expect([lab.serving(), lab.events]).toEqual(['c1 c1 c1', ['frozen c3']]);
    await lab.plane.thaw();
    await lab.take('c4', 2);
    expect(lab.serving()).toBe('c4 c1 c1');
  });

  test('is taken back when a proxy of its wave says nothing', async () => {
    const lab = new Lab();
    await lab.take('c1', 1);
    lab.silent.add('a');
    await lab.take('c2', 2);
    await lab.after(60_000);
    expect([lab.serving(), lab.plane.diagnostics]).toEqual(['c1 c1 c1', expect.stringMatching(/HG6004.*by a$/m)]);
  });

  test('gives way to a newer one, which begins with its own first wave', async () => {
    const lab = await inFirstWave();
    await lab.take('c3', 3);
    expect([lab.serving(), lab.events.slice(1)]).toEqual(['c3 c1 c1', ['superseded c2', 'wave-started c3 1/2']]);
  });

  test('gives way to a revert at once, and content that served before needs no wave', async () => {
    const lab = await inFirstWave();
    await lab.take('c3', 1);
    expect([lab.serving(), lab.plane.ledger.live?.commit]).toEqual(['c1 c1 c1', 'c3']);
    await lab.take('c4', 2);
    await lab.after(10_000);
    await lab.after(10_000);
    await lab.plane.pause();
    await lab.take('c5', 1);
    expect([lab.serving(), lab.plane.ledger.live?.commit]).toEqual(['c5 c5 c5', 'c5']);
  });

  test('stands still while it is paused', async () => {
    const lab = await inFirstWave();
    await lab.plane.pause();
    await lab.after(60_000);
    expect([lab.serving(), lab.progress.isPaused]).toEqual(['c2 c1 c1', true]);
    await lab.plane.resume();
    expect([lab.serving(), lab.events.slice(1)]).toEqual([
      'c2 c2 c2',
      ['paused', 'resumed', 'wave-passed c2 1/2', 'wave-started c2 2/2'],
    ]);
  });

  test('is not begun while rollouts are paused, and takes the one before it away', async () => {
    const lab = await inFirstWave();
    await lab.plane.pause();
    await lab.take('c3', 3);
    expect(lab.serving()).toBe('c1 c1 c1');
    await lab.plane.resume();
    expect(lab.serving()).toBe('c3 c1 c1');
  });
});

afterEach(() => void vi.useRealTimers());

test('a disk that fails on the way, or when a wave was watched, is told and stops nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const lab = await inFirstWave();
  lab.isDiskGone = true;
  await lab.after(10_000);
  expect([lab.serving(), lab.failures]).toEqual(['c2 c2 c2', ['Error: the disk is gone']]);
  lab.nowMs += 10_000;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([lab.stable?.commit, lab.failures.length, lab.plane.keptLedger.live?.commit]).toEqual(['c2', 2, 'c1']);
  lab.isDiskGone = false;
  await lab.plane.pause();
  await lab.take('c3', 1);
  expect([lab.serving(), lab.plane.keptLedger.live?.commit]).toEqual(['c3 c3 c3', 'c3']);
});

test('a process that starts again goes on with the wave under way, and watches it once more', async () => {
  const before = await inFirstWave();
  const [bundle, candidate] = [before.stable, before.trial?.bundle];
  const lab = new Lab({
    served: bundle === undefined ? [] : [{ bundle, taken: true }],
    progress: before.progress,
    ...(candidate === undefined ? {} : { candidate }),
  });
  await lab.plane.start();
  expect(lab.serving()).toBe('c2 c1 c1');
  await lab.take('c2', 2);
  await lab.after(9_999);
  expect(lab.serving()).toBe('c2 c1 c1');
  await lab.after(1);
  expect([lab.serving(), lab.events]).toEqual(['c2 c2 c2', ['wave-passed c2 1/2', 'wave-started c2 2/2']]);
  // Another time it begins where every commit begins.
  await lab.take('c3', 3);
  await lab.take('c4', 2);
  expect(lab.serving()).toBe('c4 c1 c1');
});

test('a commit that changes too much is rejected, unless it is forced, or served before', async () => {
  const lab = new Lab();
  for (const commit of ['c1', 'c2', 'c3']) lab.forbidden.add(commit);
  await lab.take('c1', 1);
  await lab.take('c2', 2);
  expect([lab.serving(), lab.plane.diagnostics]).toEqual(['c1 c1 c1', expect.stringContaining('HG6007')]);
  lab.plane.force('c2');
  await lab.take('c2', 2);
  await lab.after(10_000);
  await lab.after(10_000);
  await lab.take('c3', 1);
  expect([lab.serving(), lab.plane.ledger.live?.commit]).toEqual(['c3 c3 c3', 'c3']);
});
