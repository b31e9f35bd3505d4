import { describe, expect, test, vi } from 'vitest';
import type { Fetched } from './mirror.ts';
import type { Revision } from './mirror-reader.ts';
import { SourceError } from './source-error.ts';
import { type Reconciled, type WatchedRevision, watch } from './watch.ts';

const HOUR_MS = 3_600_000;

/** A mirror whose ref the test moves. */
function fakeMirror(commit: string) {
  const state = { commit, forced: false, fetches: 0, failure: undefined as Error | undefined };
  return {
    state,
    fetch(): Promise<Fetched> {
      state.fetches += 1;
      if (state.failure !== undefined) return Promise.reject(state.failure);
      return Promise.resolve({ commit: state.commit, forced: state.forced });
    },
    read(of: string): Promise<Revision> {
      return Promise.resolve({ tree: `tree-of-${of}`, files: [], findings: [] });
    },
  };
}

/** A handler that the test lets go, call by call. */
function gatedHandler() {
  const calls: { revision: WatchedRevision; superseded: AbortSignal; finish: () => void }[] = [];
  const called: (() => void)[] = [];
  return {
    calls,
    onRevision(revision: WatchedRevision, superseded: AbortSignal): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      calls.push({ revision, superseded, finish: resolve });
      for (const tell of called.splice(0)) tell();
      return promise;
    },
    async nextCall(): Promise<void> {
      await new Promise<void>((resolve) => called.push(resolve));
    },
  };
}

function start(options: Partial<Parameters<typeof watch>[0]> & Pick<Parameters<typeof watch>[0], 'mirror'>) {
  const ending = new AbortController();
  const handled: string[] = [];
  const errors: unknown[] = [];
  const watched = watch({
    intervalMs: HOUR_MS,
    random: () => 0.5,
    onRevision: async ({ commit }) => void handled.push(commit),
    onError: (error) => errors.push(error),
    signal: ending.signal,
    ...options,
  });
  const stop = async () => {
    ending.abort();
    await watched.ended;
  };
  return { watched, handled, errors, stop };
}

const untimed = ({ commit, changed }: Reconciled) => ({ commit, changed });

describe('a watch', () => {
  test('hands each commit over once, and says what a reconcile found', async () => {
    const mirror = fakeMirror('a');
    const { watched, handled, errors, stop } = start({ mirror });
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'a', changed: false });
    mirror.state.commit = 'b';
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'b', changed: true });
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'b', changed: false });
    expect({ handled, errors, fetches: mirror.state.fetches }).toEqual({ handled: ['a', 'b'], errors: [], fetches: 4 });
    await stop();
  });

  test('hands a commit over once more when it is asked to', async () => {
    const mirror = fakeMirror('a');
    const { watched, handled, stop } = start({ mirror });
    await watched.reconcile();
    expect(untimed(await watched.reconcile(true))).toEqual({ commit: 'a', changed: true });
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'a', changed: false });
    expect(handled).toEqual(['a', 'a']);
    await stop();
  });

  test('polls by itself', async () => {
    const mirror = fakeMirror('a');
    const gate = gatedHandler();
    const { stop } = start({ mirror, intervalMs: 1, onRevision: gate.onRevision });
    await gate.nextCall();
    gate.calls[0]?.finish();
    mirror.state.commit = 'b';
    mirror.state.forced = true;
    await gate.nextCall();
    gate.calls[1]?.finish();
    await stop();
    expect(gate.calls.map(({ revision }) => ({ ...revision, fetchMs: 0, readMs: 0 }))).toEqual([
      { commit: 'a', forced: false, tree: 'tree-of-a', files: [], findings: [], fetchMs: 0, readMs: 0 },
      { commit: 'b', forced: true, tree: 'tree-of-b', files: [], findings: [], fetchMs: 0, readMs: 0 },
    ]);
  });

  test('a newer commit aborts the one in hand, waits for its end, and leaves out those in between', async () => {
    const mirror = fakeMirror('a');
    const gate = gatedHandler();
    const passedOver: string[] = [];
    const onPassedOver = (commit: string, by: string) => void passedOver.push(`${commit} by ${by}`);
    const { watched, stop } = start({ mirror, onRevision: gate.onRevision, onPassedOver });
    await gate.nextCall();
    mirror.state.commit = 'b';
    const askedAtB = watched.reconcile();
    await new Promise<void>((resolve) => gate.calls[0]?.superseded.addEventListener('abort', () => resolve()));
    mirror.state.commit = 'c';
    const askedAtC = watched.reconcile();
    await expect.poll(() => mirror.state.fetches).toBe(3);
    expect(gate.calls.length).toBe(1);
    gate.calls[0]?.finish();
    await gate.nextCall();
    gate.calls[1]?.finish();
    expect(gate.calls.map(({ revision, superseded }) => [revision.commit, superseded.aborted])).toEqual([
      ['a', true],
      ['c', false],
    ]);
    expect(passedOver).toEqual(['b by c']);
    expect((await Promise.all([askedAtB, askedAtC])).map(untimed)).toEqual([
      { commit: 'c', changed: true },
      { commit: 'c', changed: true },
    ]);
    await stop();
  });

  test('a handler that gives up because a newer commit is there has not failed', async () => {
    const mirror = fakeMirror('a');
    const told: string[] = [];
    const { watched, stop } = start({
      mirror,
      onRevision: async ({ commit }, superseded) => {
        if (commit === 'b') return;
        mirror.state.commit = 'b';
        const newer = watched.reconcile();
        await new Promise<void>((resolve) => superseded.addEventListener('abort', () => resolve()));
        void newer;
        throw new Error('its tools were ended');
      },
      onPassedOver: (commit, by) => void told.push(`${commit} by ${by}`),
      onError: (error) => void told.push(String(error)),
    });
    await expect.poll(() => told).toEqual(['a by b']);
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'b', changed: false });
    await stop();
  });

  test('a remote that fails is told, does not end the watch, and reconcile goes past the back-off', async () => {
    const mirror = fakeMirror('a');
    const failure = new SourceError('git-unreachable', 'fetch: no route');
    mirror.state.failure = failure;
    const { watched, handled, errors, stop } = start({ mirror });
    await expect(watched.reconcile()).rejects.toBe(failure);
    mirror.state.failure = undefined;
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'a', changed: true });
    expect({ handled, errors }).toEqual({ handled: ['a'], errors: [failure, failure] });
    await stop();
  });

  test('a remote that fails is asked half as often each time, five minutes apart at the most', async () => {
    vi.useFakeTimers();
    const mirror = fakeMirror('a');
    mirror.state.failure = new SourceError('git-unreachable', 'fetch: no route');
    const askedMs: number[] = [];
    const fetch = () => {
      askedMs.push(Date.now());
      return mirror.fetch();
    };
    const { stop } = start({ mirror: { fetch, read: mirror.read }, intervalMs: 10_000 });
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    vi.useRealTimers();
    await stop();
    const pauses = askedMs.slice(1).map((atMs, index) => (atMs - (askedMs[index] ?? 0)) / 1_000);
    expect(pauses.slice(0, 7)).toEqual([20, 40, 80, 160, 300, 300, 300]);
  });

  test.each([
    [0, 800],
    [0.5, 1_000],
    [0.999, 1_199.6],
  ])('chance moves the polls of many watchers apart: %d', async (random, pauseMs) => {
    vi.useFakeTimers();
    const mirror = fakeMirror('a');
    const { stop } = start({ mirror, intervalMs: 1_000, random: () => random });
    await vi.advanceTimersByTimeAsync(Math.floor(pauseMs) - 1);
    const before = mirror.state.fetches;
    await vi.advanceTimersByTimeAsync(2);
    const after = mirror.state.fetches;
    vi.useRealTimers();
    await stop();
    expect([before, after]).toEqual([1, 2]);
  });

  test('a failure that the remote is not to blame for makes no poll rarer', async () => {
    const mirror = fakeMirror('a');
    mirror.state.failure = new SourceError('git-signature-missing', 'not signed');
    const { stop } = start({ mirror, intervalMs: 1, backsOff: () => false });
    await expect.poll(() => mirror.state.fetches).toBeGreaterThan(20);
    await stop();
  });

  test('a handler that fails gets its commit again', async () => {
    const mirror = fakeMirror('a');
    const failure = new Error('disk full');
    const outcomes = [() => Promise.reject(failure), () => Promise.resolve()];
    const { watched, errors, stop } = start({
      mirror,
      intervalMs: 1,
      onRevision: () => outcomes.shift()?.() ?? Promise.resolve(),
    });
    await expect.poll(() => outcomes.length).toBe(0);
    expect(untimed(await watched.reconcile())).toEqual({ commit: 'a', changed: false });
    expect(errors).toEqual([failure]);
    await stop();
  });

  test('its end aborts the handler, waits for it, and refuses further asks', async () => {
    const mirror = fakeMirror('a');
    const gate = gatedHandler();
    const { watched, stop } = start({ mirror, onRevision: gate.onRevision });
    await gate.nextCall();
    gate.calls[0]?.superseded.addEventListener('abort', () => gate.calls[0]?.finish());
    await stop();
    expect(gate.calls[0]?.superseded.aborted).toBe(true);
    await expect(watched.reconcile()).rejects.toMatchObject({ code: 'git-closed' });
  });
});
