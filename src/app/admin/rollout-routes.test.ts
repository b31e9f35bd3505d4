import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RolloutStatus } from '../control/rollout-view.ts';
import { type AdminApi, type AdminSource, startAdminApi } from './admin-api.ts';

let api: AdminApi;
let isPaused: boolean;
let reconciled: string[];

const status = (): RolloutStatus => ({ isPaused, diagnostics: '', frozen: [] });
const answer = { state: 'serving', commit: 'c' };

beforeEach(async () => {
  isPaused = false;
  reconciled = [];
  const pause = (value: boolean) => () => {
    isPaused = value;
    return Promise.resolve();
  };
  const reconcile = (order: string) => {
    reconciled.push(order);
    return Promise.resolve(answer as never);
  };
  const rollout = {
    status,
    pause: pause(true),
    resume: pause(false),
    release: (commit?: string) => reconcile(`release ${commit}`),
  };
  const source = { ready: () => true, rollout, reconcile } as unknown as AdminSource;
  api = await startAdminApi({ host: '127.0.0.1', port: 0 }, source);
});
afterEach(() => api.close());

async function ask(method: string, path: string): Promise<unknown> {
  const { port } = api.address as { port: number };
  return (await fetch(`http://127.0.0.1:${port}${path}`, { method })).json();
}

test('a rollout is paused and resumed, and answers with what stands', async () => {
  expect(await ask('GET', '/rollout')).toEqual({ isPaused: false, diagnostics: '', frozen: [] });
  expect(await ask('POST', '/rollout/pause')).toMatchObject({ isPaused: true });
  expect(await ask('GET', '/rollout')).toMatchObject({ isPaused: true });
  expect(await ask('POST', '/rollout/resume')).toMatchObject({ isPaused: false });
});

test('a stopped commit is released, and a commit is looked at, tried again or forced', async () => {
  const paths = [
    '/rollout/release',
    '/rollout/release?commit=abc1230',
    '/reconcile',
    '/reconcile?retry=true',
    '/reconcile?force=true',
  ];
  for (const path of paths) expect(await ask('POST', path)).toEqual(answer);
  expect(await ask('POST', '/rollout/release?commit=HEAD')).toMatchObject({ code: 'admin-bad-request' });
  expect(reconciled).toEqual(['release undefined', 'release abc1230', 'look', 'retry', 'force']);
});
