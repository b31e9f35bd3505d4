import { describe, expect, test } from 'vitest';
import { fixtureText, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { present } from '../../core/base/assert.ts';
import { digestOfText } from '../../core/base/digest.ts';
import { ok } from '../../core/base/result.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import type { RolloutNode } from '../../core/rollout/rollout-view.ts';
import { NO_PROGRESS } from '../../io/store/rollout-progress.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { RevisionFiles } from '../revision/compile-revision.ts';
import { ControlPlane } from './control-plane.ts';
import type { RefusedResources } from './refusal-places.ts';
import type { RolloutBefore } from './rollout-before.ts';

/** A tree of the fixture; another number of attempts is another meaning. */
function tree(commit: string, attempts: number, comment = '', clusters = ['edge']): RevisionFiles {
  const spec =
    'match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]\n  retry: { attempts: ';
  const routes = attempts === 0 ? [ROUTE.replace('small', 'smal')] : [routeDocument('chat', `${spec}${attempts} }`)];
  const text = comment + fixtureText({ routes, documents: clusters.map(fleetDocument) });
  const file = { path: 'all.yaml', blobId: digestOfText(text), bytes: new TextEncoder().encode(text) };
  return { commit, files: [file], findings: [] };
}

function fleetDocument(cluster: string, index: number): string {
  const listener = `{ name: api, port: ${10_000 + index} }`;
  return `\napiVersion: headgate.dev/v1\nkind: Fleet\nmetadata: { name: ${cluster} }\nspec: { match: { cluster: ${cluster} }, listeners: [ ${listener} ] }\n`;
}

/** What a proxy says of the revision that was published last. */
function nack(it: Lab, message: string): RefusedResources {
  const typeUrl = 'type.googleapis.com/envoy.config.listener.v3.Listener';
  return { digest: it.published().digest, fleet: 'edge', node: 'edge-1', typeUrl, names: ['edge'], message };
}

const BROKEN = 0;
/** How far proxies are with what is published: it has one that took it, one that did not yet, or none is connected. */
type Proxies = 'taken' | 'on its way' | 'nobody';
const TAKEN: Proxies = 'taken';
const ON_ITS_WAY: Proxies = 'on its way';
const NOBODY: Proxies = 'nobody';
const TOLD: readonly string[] = ['rejected', 'serving', 'frozen', 'superseded'];
const never = new AbortController().signal;

interface Lab {
  readonly plane: ControlPlane;
  /** What was done to the world, in order: `hold c1`, `publish c1`, `keep c1`, and what was logged. */
  readonly done: string[];
  /** How far proxies are with everything that is published. */
  proxies: Proxies;
  /** The connected proxies. */
  readonly connected: RolloutNode[];
  /** Those that come back when they are waited for. */
  readonly returning: RolloutNode[];
  /** Resolves when none is waited for any more. */
  untilReturned: Promise<void>;
  /** Runs while a revision is being held. */
  duringHold: () => Promise<void>;
  /** Runs while a revision is being kept as the one to start from. */
  duringKeep: () => Promise<void>;
  /** What is kept as frozen. */
  frozen: RolloutBefore['frozen'];
  /** What was published last. */
  published(): Bundle;
  /** Resolves when something is published. */
  nextPublish(): Promise<void>;
}

function proxy(node: string, fleet: string, fullyAcknowledged?: string): RolloutNode {
  return { node, fleet, labels: {}, connectedForMs: 1e6, fullyAcknowledged };
}

function lab({ served = [], frozen = [] }: Partial<RolloutBefore> = {}): Lab {
  const done: string[] = [];
  let published: Bundle | undefined;
  let stable: Bundle | undefined;
  let onPublish: () => void = () => undefined;
  const plane = new ControlPlane(
    {
      compilePolicies: () =>
        Promise.resolve(ok({ wasm: new Uint8Array(0), index: { guardrails: {} }, builtinPackages: [] })),
      context: { secrets: {}, authorities: [] },
      publisher: {
        publish: (bundle) => {
          // A revision that has reached everybody is published without anything to send.
          if (published !== bundle) done.push(`publish ${bundle.commit}`);
          stable = bundle;
          published = bundle;
          onPublish();
        },
        offer: (bundle) => {
          if (published !== bundle) done.push(`publish ${bundle.commit}`);
          published = bundle;
          onPublish();
          // Proxies answer later.
          if (made.proxies === 'taken') setImmediate(() => void plane.proxiesChanged());
        },
        takeBack: () => {
          published = stable;
          done.push(`publish ${stable?.commit}`);
        },
        explainRefusal: ({ names, message }): Diagnostic[] => {
          const start = { line: 1, column: 1 };
          return [diagnostic('HG6001', { file: 'all.yaml', start, end: start }, `${names.join()}: ${message}`)];
        },
      },
      hold: async (bundle) => {
        await made.duringHold();
        done.push(`hold ${bundle.commit}`);
      },
      keep: (_bundle, { commit, taken }) => {
        done.push(`keep ${commit}${taken ? '' : ' untaken'}`);
        return made.duringKeep();
      },
      keepFrozen: (kept) => {
        made.frozen = kept;
        done.push(`freeze ${kept.length}`);
        return Promise.resolve();
      },
      keepProgress: () => Promise.resolve(),
      judgeChange: () => Promise.resolve({ findings: [], checks: [] }),
      counters: () => NO_REQUESTS,
      isExpecting: () => false,
      proxies: () => {
        const taken = made.proxies === 'taken' ? published?.digest : undefined;
        const own = made.proxies === 'nobody' ? [] : [proxy('edge-1', 'edge', taken)];
        return [...own, ...made.connected];
      },
      proxiesReturned: () => {
        made.connected.push(...made.returning.splice(0));
        return made.untilReturned;
      },
      monotonicMs: () => 0,
      onFailure: (cause) => void done.push(String(cause)),
      onEvent: (event) => {
        const isTold = TOLD.includes(event.kind);
        if (isTold && 'commit' in event) done.push(`${event.kind} ${event.commit}`);
      },
    },
    { served, frozen, progress: NO_PROGRESS },
  );
  const made: Lab = {
    plane,
    done,
    proxies: TAKEN,
    connected: [],
    returning: [],
    untilReturned: Promise.resolve(),
    frozen: [],
    duringHold: () => Promise.resolve(),
    duringKeep: () => Promise.resolve(),
    published: () => present(published, 'a published revision'),
    nextPublish: () =>
      new Promise((resolve) => {
        onPublish = resolve;
      }),
  };
  return made;
}

/** What the ledger says, commits alone. */
function stateOf({ plane }: Lab): string {
  const { live, candidate, newest } = plane.ledger;
  return `live ${live?.commit} candidate ${candidate?.commit} newest ${newest?.kind} ${newest?.commit}`;
}

describe('a commit', () => {
  test('is held before it is published, and kept when it serves', async () => {
    const it = lab();
    const handled = await it.plane.take(tree('c1', 1), never);
    expect(it.done).toEqual(['hold c1', 'publish c1', 'keep c1', 'serving c1']);
    expect([stateOf(it), handled.diagnostics]).toEqual(['live c1 candidate undefined newest serving c1', '']);
  });

  test('is shown to serve when the disk has it, and not before', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    let shown: (string | undefined)[] = [];
    it.duringKeep = async () => {
      await Promise.resolve();
      shown = [it.plane.ledger.live?.commit, it.plane.keptLedger.live?.commit];
    };
    await it.plane.take(tree('c2', 2), never);
    expect(shown).toEqual(['c2', 'c1']);
    expect(it.plane.keptLedger).toEqual(it.plane.ledger);
  });

  test('that means the same is kept as the one to start from, and nothing is published', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    it.done.length = 0;
    await it.plane.take(tree('c2', 1, '# only a comment\n'), never);
    expect(it.done).toEqual(['hold c2', 'keep c2', 'serving c2']);
    expect(stateOf(it)).toBe('live c2 candidate undefined newest serving c2');
  });

  test('that is rejected changes nothing, and its diagnostics are told', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    it.done.length = 0;
    const handled = await it.plane.take(tree('c2', BROKEN), never);
    expect(it.done).toEqual(['rejected c2']);
    expect(stateOf(it)).toBe('live c1 candidate undefined newest rejected c2');
    expect(handled.diagnostics).toContain('HG3107');
    expect(it.plane.diagnostics).toBe(handled.diagnostics);
  });

  test('that was superseded while it was compiled is not published', async () => {
    const it = lab();
    const newer = new Error('a newer one');
    await expect(it.plane.take(tree('c1', 1), AbortSignal.abort(newer))).rejects.toBe(newer);
    expect([it.done, stateOf(it)]).toEqual([[], 'live undefined candidate undefined newest undefined undefined']);
  });

  test('that is superseded while proxies take it gives way', async () => {
    const it = lab();
    it.proxies = ON_ITS_WAY;
    const superseded = new AbortController();
    const first = it.plane.take(tree('c1', 1), superseded.signal);
    await it.nextPublish();
    superseded.abort();
    await first;
    it.proxies = TAKEN;
    await it.plane.take(tree('c2', 2), never);
    expect(it.done).toEqual([
      ...['hold c1', 'publish c1', 'hold c2', 'superseded c1', 'publish c2', 'keep c2', 'serving c2'],
    ]);
  });

  test('is published also when a proxy acknowledges the one before it at that very moment', async () => {
    const it = lab();
    it.proxies = ON_ITS_WAY;
    const superseded = new AbortController();
    const first = it.plane.take(tree('c1', 1), superseded.signal);
    await it.nextPublish();
    superseded.abort();
    await first;
    it.duringHold = async () => {
      it.proxies = TAKEN;
      await it.plane.proxiesChanged();
    };
    await it.plane.take(tree('c2', 2), never);
    expect(it.done.slice(2)).toEqual(['keep c1', 'serving c1', 'hold c2', 'publish c2', 'keep c2', 'serving c2']);
  });
});

describe('a refusal by a proxy', () => {
  /** c1 serves, c2 is on its way and gets refused. */
  async function refused(): Promise<Lab> {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    it.proxies = ON_ITS_WAY;
    it.done.length = 0;
    const taken = it.plane.take(tree('c2', 2), never);
    await it.nextPublish();
    await it.plane.refused(nack(it, 'address in use'));
    const { diagnostics } = await taken;
    it.done.push(diagnostics.includes('edge: address in use') ? 'told' : 'not told');
    return it;
  }

  test('freezes the revision and puts the one before it back', async () => {
    const it = await refused();
    expect(it.done).toEqual(['hold c2', 'publish c2', 'publish c1', 'freeze 1', 'frozen c2', 'told']);
    expect(stateOf(it)).toBe('live c1 candidate undefined newest frozen c2');
  });

  test('is remembered: the same content is not tried again, and its diagnostics are told again', async () => {
    const it = await refused();
    it.done.length = 0;
    const handled = await it.plane.take(tree('c3', 2), never);
    expect(it.done).toEqual(['frozen c3']);
    expect(stateOf(it)).toBe('live c1 candidate undefined newest frozen c3');
    expect(handled.diagnostics).toContain('edge: address in use');
  });

  test('does not stop what comes after it', async () => {
    const it = await refused();
    it.proxies = TAKEN;
    await it.plane.take(tree('c3', 3), never);
    expect(stateOf(it)).toBe('live c3 candidate undefined newest serving c3');
  });

  test('of a revision that serves already changes nothing', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    await it.plane.refused(nack(it, 'late'));
    expect([stateOf(it), it.plane.diagnostics]).toEqual(['live c1 candidate undefined newest serving c1', '']);
  });

  test('does not hide why a newer commit was rejected', async () => {
    const it = lab();
    it.proxies = ON_ITS_WAY;
    const superseded = new AbortController();
    const first = it.plane.take(tree('c1', 1), superseded.signal);
    await it.nextPublish();
    superseded.abort();
    await first;
    await it.plane.take(tree('c2', BROKEN), never);
    await it.plane.refused(nack(it, 'no'));
    expect([stateOf(it), it.plane.diagnostics.includes('HG3107')]).toEqual([
      'live undefined candidate undefined newest rejected c2',
      true,
    ]);
  });
});

describe('a start', () => {
  /** What c1 leaves: taken by a proxy, or served while none was there. */
  async function served(...proxies: readonly Proxies[]): Promise<RolloutBefore['served']> {
    const it = lab();
    const bundles: RolloutBefore['served'][number][] = [];
    for (const [index, state] of proxies.entries()) {
      it.proxies = state;
      await it.plane.take(tree(`c${index + 1}`, index + 1), never);
      bundles.unshift({ bundle: it.published(), taken: state === 'taken' });
    }
    return bundles;
  }

  test('serves the last good revision until the first commit is read', async () => {
    const it = lab({ served: await served(TAKEN), frozen: [] });
    await it.plane.start();
    expect([it.done, stateOf(it)]).toEqual([
      ['hold c1', 'publish c1'],
      'live c1 candidate undefined newest undefined undefined',
    ]);
  });

  test('for the first time serves nothing', async () => {
    const it = lab();
    await it.plane.start();
    expect(it.done).toEqual([]);
  });

  test('knows what was frozen, and why, and never holds it', async () => {
    const before = lab();
    await before.plane.take(tree('c1', 1), never);
    const first = before.published();
    before.proxies = ON_ITS_WAY;
    const taken = before.plane.take(tree('c2', 2), never);
    await before.nextPublish();
    await before.plane.refused(nack(before, 'address in use'));
    await taken;
    const it = lab({ served: [{ bundle: first, taken: true }], frozen: before.frozen });
    await it.plane.start();
    const { diagnostics } = await it.plane.take(tree('c2', 2), never);
    expect(it.done).toEqual(['hold c1', 'publish c1', 'frozen c2']);
    expect([stateOf(it), diagnostics]).toEqual([
      'live c1 candidate undefined newest frozen c2',
      expect.stringContaining('edge: address in use'),
    ]);
  });

  test('goes back to what a proxy took when the first proxy refuses what none took', async () => {
    const it = lab({ served: await served(TAKEN, NOBODY), frozen: [] });
    await it.plane.start();
    await it.plane.refused(nack(it, 'address in use'));
    expect([it.done, stateOf(it)]).toEqual([
      ['hold c2', 'hold c1', 'publish c2', 'publish c1', 'freeze 1', 'keep c1', 'frozen c2'],
      'live c1 candidate undefined newest frozen c2',
    ]);
    expect([it.plane.diagnostics, it.plane.digests]).toEqual([
      expect.stringContaining('edge: address in use'),
      [it.published().digest],
    ]);
  });

  test('remembers the first proxy that takes what none took', async () => {
    const it = lab({ served: await served(NOBODY), frozen: [] });
    await it.plane.start();
    it.proxies = TAKEN;
    await it.plane.proxiesChanged();
    await it.plane.proxiesChanged();
    await it.plane.refused(nack(it, 'late'));
    expect([it.done, stateOf(it)]).toEqual([
      ['hold c1', 'publish c1', 'keep c1'],
      'live c1 candidate undefined newest undefined undefined',
    ]);
  });
});

test('a frozen commit that is thawed is published when it comes again', async () => {
  const it = lab();
  await it.plane.take(tree('c1', 1), never);
  it.proxies = ON_ITS_WAY;
  const taken = it.plane.take(tree('c2', 2), never);
  await it.nextPublish();
  await it.plane.refused(nack(it, 'address in use'));
  await taken;
  it.done.length = 0;
  it.proxies = TAKEN;
  await it.plane.thaw();
  await it.plane.take(tree('c2', 2), never);
  await it.plane.thaw();
  expect([it.done, stateOf(it), it.frozen]).toEqual([
    ['freeze 0', 'hold c2', 'publish c2', 'keep c2', 'serving c2'],
    'live c2 candidate undefined newest serving c2',
    [],
  ]);
});

test('a frozen commit that is not the newest is released, and published when a commit brings it', async () => {
  const it = lab();
  await it.plane.take(tree('c1', 1), never);
  it.proxies = ON_ITS_WAY;
  const taken = it.plane.take(tree('c2', 2), never);
  await it.nextPublish();
  await it.plane.refused(nack(it, 'address in use'));
  await taken;
  it.proxies = TAKEN;
  await it.plane.take(tree('c3', 3), never);
  const [frozen] = it.plane.frozen;
  expect(frozen?.commit).toBe('c2');
  await it.plane.release(present(frozen, 'a frozen revision'));
  expect([it.plane.frozen, stateOf(it)]).toEqual([[], 'live c3 candidate undefined newest serving c3']);
  await it.plane.take(tree('c4', 2), never);
  expect(stateOf(it)).toBe('live c4 candidate undefined newest serving c4');
});

describe('the fleets of a commit', () => {
  test('cannot be none', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1), never);
    const { diagnostics } = await it.plane.take(tree('c2', 1, '', []), never);
    expect([stateOf(it), diagnostics]).toEqual([
      'live c1 candidate undefined newest rejected c2',
      expect.stringContaining('HG6002'),
    ]);
  });

  test('cannot lack one whose proxies are connected, and can once they are gone', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1, '', ['edge', 'lab']), never);
    it.connected.push(proxy('lab-1', 'lab', it.published().digest));
    const { diagnostics } = await it.plane.take(tree('c2', 1), never);
    expect([stateOf(it), diagnostics]).toEqual([
      'live c1 candidate undefined newest rejected c2',
      expect.stringMatching(/HG6003.*"lab".*lab-1/),
    ]);
    it.connected.pop();
    await it.plane.take(tree('c2', 1), never);
    expect(stateOf(it)).toBe('live c2 candidate undefined newest serving c2');
  });

  test('are not waited for once a newer commit is there', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1, '', ['edge', 'lab']), never);
    it.untilReturned = new Promise(() => undefined);
    const superseded = new AbortController();
    const taken = it.plane.take(tree('c2', 1), superseded.signal);
    superseded.abort();
    await expect(taken).rejects.toThrow('aborted');
    expect(stateOf(it)).toBe('live c1 candidate undefined newest serving c1');
  });

  test('cannot lack one whose proxies are about to come back', async () => {
    const it = lab();
    await it.plane.take(tree('c1', 1, '', ['edge', 'lab']), never);
    it.returning.push(proxy('lab-1', 'lab'));
    const { diagnostics } = await it.plane.take(tree('c2', 1), never);
    expect([stateOf(it), diagnostics]).toEqual([
      'live c1 candidate undefined newest rejected c2',
      expect.stringMatching(/HG6003.*"lab".*lab-1/),
    ]);
  });
});
