import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '../../core/base/digest.ts';
import { deciderEndpoints } from '../../core/envoy/decider-clusters.ts';
import { counterKey, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import { type BundleClient, startBundleClient } from '../../io/bundles/bundle-client.ts';
import type { CountersByKey, InUse } from '../../io/bundles/bundle-messages.ts';
import type { FleetResource } from '../../io/grpc/fleet-content.ts';
import { waitUntil } from '../demo/stack/wait-until.ts';
import { type RemoteDeciders, startRemoteDeciders } from './remote-deciders.ts';
import { createRevisionCounts, type RevisionCounts } from './revision-counts.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [LIVE, NEXT] = [digest('1'), digest('2')];
const NO_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined } as never;

let folder: string;
let counts: RevisionCounts;
let required: Digest[];
let published: FleetResource[];
const owned: { close(): unknown }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-remote-'));
  counts = createRevisionCounts();
  required = [LIVE];
  published = [];
});
afterEach(async () => {
  for (const each of owned.splice(0).reverse()) await each.close();
  rmSync(folder, { recursive: true });
});

async function controlPlane(options: { readonly holdWaitMs?: number } = {}): Promise<RemoteDeciders> {
  const deciders = await startRemoteDeciders({
    settings: { listen: { path: join(folder, 'deciders.sock') }, identities: [] },
    ...{ tls: undefined, stateDirectory: folder, counts, log: NO_LOG },
    standing: () => ({ live: LIVE, candidate: undefined }),
    onPeerFailure: () => undefined,
    required: () => required,
    named: () => [digest('9')],
    read: async () => undefined,
    publish: (resources) => void published.push(...resources),
    ...options,
  });
  owned.push(deciders);
  return deciders;
}

interface Decider extends BundleClient {
  readonly told: InUse[];
  held: Digest[];
}

function decider(name: string, held: Digest[], options: { readonly told?: CountersByKey } = {}): Decider {
  const own: { held: Digest[]; told: InUse[] } = { held, told: [] };
  const client = startBundleClient({
    target: { path: join(folder, 'deciders.sock') },
    hello: { decider: name, instance: `${name}-1`, address: `127.0.0.${name}:18001`, version: '1' },
    held: () => own.held,
    counters: () => options.told ?? new Map(),
    onInUse: (inUse) => void own.told.push(inUse),
    onUp: () => undefined,
    onDown: () => undefined,
  });
  owned.push(client);
  return Object.assign(own, client);
}

const address = (name: string) => ({ host: `127.0.0.${name}`, port: 18_001 });
const endpoints = (...names: string[]) => deciderEndpoints(names.map(address));

/** Resolves when proxies are told of exactly these deciders. */
async function toldProxies(...names: string[]): Promise<void> {
  const wanted = Buffer.from(endpoints(...names).bytes);
  await waitUntil(`proxies to ask ${names.join(' and ')}`, () => {
    const last = published.at(-1);
    return last !== undefined && wanted.equals(last.bytes) ? true : undefined;
  });
}

describe('proxies are told', () => {
  test('of nobody before somebody registers', async () => {
    await controlPlane();
    expect(published).toEqual([endpoints()]);
  });

  test('of those that hold what serves, while they do not leave', async () => {
    const deciders = await controlPlane();
    const [one, two] = [decider('1', [LIVE]), decider('2', [])];
    await toldProxies('1');
    await waitUntil('both to register', () => (deciders.status().length === 2 ? true : undefined));
    expect(deciders.status()).toMatchObject([
      { name: '1', state: 'asked', lacks: [] },
      { name: '2', state: 'behind', lacks: [LIVE] },
    ]);
    two.held = [LIVE];
    two.tellHeld();
    await toldProxies('1', '2');
    one.leave();
    await toldProxies('2');
  });

  test('of the same ones by a control plane that was restarted, before any came back', async () => {
    const first = await controlPlane();
    const one = decider('1', [LIVE]);
    await toldProxies('1');
    await one.close();
    await waitUntil('it to be away', () => (first.status()[0]?.state === 'away' ? true : undefined));
    await first.close();
    published = [];
    const again = await controlPlane();
    expect(published).toEqual([endpoints('1')]);
    expect(again.status()).toMatchObject([{ name: '1', state: 'away' }]);
  });
});

describe('a revision', () => {
  test('is held by all before it is named, and all are told what is in use', async () => {
    const deciders = await controlPlane();
    const [one, two] = [decider('1', [LIVE]), decider('2', [LIVE])];
    await toldProxies('1', '2');
    let isHeld = false;
    const holding = deciders.hold(NEXT).then(() => {
      isHeld = true;
    });
    const asked = (each: Decider) => each.told.at(-1)?.needed.includes(NEXT);
    await waitUntil('both to be asked', () => (asked(one) && asked(two) ? true : undefined));
    one.held = [LIVE, NEXT];
    one.tellHeld();
    await waitUntil('the first to hold it', () => (deciders.status()[0]?.lacks.length === 0 ? true : undefined));
    expect([isHeld, one.told.at(-1)]).toEqual([
      ...[false, { live: LIVE, candidate: undefined, needed: [LIVE, NEXT], named: [digest('9')] }],
    ]);
    two.held = [LIVE, NEXT];
    two.tellHeld();
    await holding;
    expect(published.at(-1)).toEqual(endpoints('1', '2'));
  });

  test('that one does not get in time goes without it, and that one is asked no more', async () => {
    const deciders = await controlPlane({ holdWaitMs: 20 });
    decider('1', [LIVE, NEXT]);
    decider('2', [LIVE]);
    await toldProxies('1', '2');
    await deciders.hold(NEXT);
    await toldProxies('1');
    expect(deciders.status()).toMatchObject([{ state: 'asked' }, { state: 'behind', lacks: [NEXT] }]);
  });
});

test('what deciders count is counted here, from when they joined', async () => {
  const deciders = await controlPlane();
  const totals = (requests: number) => new Map([[counterKey(LIVE, 'edge'), { ...NO_REQUESTS, requests }]]);
  const one = decider('1', [LIVE], { told: totals(100) });
  await toldProxies('1');
  one.tellCounters(totals(104));
  await waitUntil('the news', () => (counts.of(counterKey(LIVE, 'edge')).requests === 4 ? true : undefined));
  expect(deciders.status()).toMatchObject([{ decided: 4 }]);
});
