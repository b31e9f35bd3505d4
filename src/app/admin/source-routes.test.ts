import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SourceControl, SourceControlError } from '../source/source-control.ts';
import { type AdminApi, startAdminApi } from './admin-api.ts';

let api: AdminApi;
let ordered: unknown[];

beforeEach(async () => {
  ordered = [];
  const note =
    (name: string) =>
    (...order: unknown[]): Promise<void> => {
      ordered.push([name, ...order]);
      if (name === 'resume') return Promise.reject(new SourceControlError('source-suspended', 'not now'));
      if (order[0] !== 'main') return Promise.resolve();
      return Promise.reject(new SourceControlError('source-order', 'name a commit'));
    };
  const source: SourceControl = {
    ...{ suspend: note('suspend'), resume: note('resume'), pin: note('pin'), unpin: note('unpin') },
    ...{ override: note('override'), endOverride: note('endOverride') },
    state: () => ({ suspended: { reason: 'why', sinceMs: 1 } }),
  };
  const notAsked = () => {
    throw new Error('nobody asks for it here');
  };
  const others = { status: notAsked, fleet: notAsked, reconcile: notAsked, record: notAsked, metrics: notAsked };
  const more = { records: notAsked, rollout: {} as never, ready: () => true };
  api = await startAdminApi({ host: '127.0.0.1', port: 0 }, { ...others, ...more, source });
});
afterEach(() => api.close());

async function post(path: string, body?: unknown): Promise<[number, unknown]> {
  const { port } = api.address as { port: number };
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', ...json });
  return [answer.status, await answer.json()];
}

const override = { from: { kind: 'directory', directory: '/srv' }, untilMs: 5, reason: 'Git is down' };

test.each<[string, object | undefined, unknown]>([
  ['/source/suspend', { reason: 'a freeze' }, ['suspend', 'a freeze']],
  ['/source/pin', { commit: 'abc' }, ['pin', 'abc']],
  ['/source/unpin', undefined, ['unpin']],
  ['/source/override', override, ['override', override]],
  ['/source/end-override', {}, ['endOverride']],
])('POST %s gives the order, and answers with what stands', async (path, body, order) => {
  expect(await post(path, body)).toEqual([200, { suspended: { reason: 'why', sinceMs: 1 } }]);
  expect(ordered).toEqual([order]);
});

test.each<[string, object | undefined, number, string]>([
  ['/source/suspend', {}, 400, 'admin-bad-request'],
  ['/source/pin', undefined, 400, 'admin-bad-request'],
  ['/source/pin', { commit: 'main' }, 400, 'source-order'],
  ['/source/resume', undefined, 409, 'source-suspended'],
  ['/source/override', { ...override, from: { kind: 'branch' } }, 400, 'admin-bad-request'],
  ['/source/override', { ...override, more: 1 }, 400, 'admin-bad-request'],
  ['/source/pin', { commit: 'x'.repeat(20_000) }, 413, 'FST_ERR_CTP_BODY_TOO_LARGE'],
])('POST %s with %j is refused', async (path, body, status, code) => {
  expect(await post(path, body)).toEqual([status, { code, message: expect.any(String) }]);
});

test('GET /source tells what stands', async () => {
  const { port } = api.address as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}/source`);
  expect(await answer.json()).toEqual({ suspended: { reason: 'why', sinceMs: 1 } });
});
