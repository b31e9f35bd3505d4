import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FleetQuery } from '../control/fleet-view.ts';
import { type AdminApi, startAdminApi } from './admin-api.ts';

const asked: FleetQuery[] = [];
let api: AdminApi;
let records = 0;

beforeAll(async () => {
  const notAsked = () => {
    throw new Error('nobody asks for it here');
  };
  api = await startAdminApi(
    { host: '127.0.0.1', port: 0 },
    {
      ...{
        status: notAsked,
        source: {} as never,
        rollout: {} as never,
        reconcile: notAsked,
        record: notAsked,
        metrics: notAsked,
        ready: () => true,
      },
      records: () => Array.from({ length: records }, () => ({})) as never,
      fleet: (query) => {
        asked.push(query);
        return { fleets: [], proxies: [], matching: 0 };
      },
    },
  );
});
afterAll(() => api.close());

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const { port } = api.address as { port: number };
  return fetch(`http://127.0.0.1:${port}${path}`, { headers });
}

test.each<[string, FleetQuery]>([
  ['/fleet', { limit: 200 }],
  ['/fleet?fleet=edge&state=held&limit=5', { fleet: 'edge', state: 'held', limit: 5 }],
  ['/fleet?node=edge%2F1&limit=0', { node: 'edge/1', limit: 0 }],
])('GET %s', async (path, query) => {
  expect((await get(path)).status).toBe(200);
  expect(asked.pop()).toEqual(query);
});

test.each<[string, string]>([
  ['/fleet?state=lost', 'state: Invalid option: expected one of "refusing"|"held"|"straggler"|"current"'],
  ['/fleet?limit=20001', 'limit: Too big: expected number to be <=20000'],
  ['/fleet?fleets=edge', 'Unrecognized key: "fleets"'],
  ['/fleet?fleet=a&fleet=b', 'fleet: Invalid input: expected string, received array'],
])('GET %s is a bad request', async (path, message) => {
  const answer = await get(path);
  expect([answer.status, await answer.json()]).toEqual([400, { code: 'admin-bad-request', message }]);
});

test('what is not there is said so', async () => {
  const answer = await get('/fleets?x=1');
  expect([answer.status, await answer.json()]).toEqual([
    404,
    { code: 'admin-unknown-path', message: 'no GET /fleets' },
  ]);
});

test('a page that did not change is not sent again', async () => {
  const tag = (await get('/records')).headers.get('etag') ?? '';
  const again = await get('/records', { 'if-none-match': tag });
  expect([again.status, await again.text()]).toEqual([304, '']);
  records = 1;
  const changed = await get('/records', { 'if-none-match': tag });
  expect([changed.status, await changed.json()]).toEqual([200, [{}]]);
});
