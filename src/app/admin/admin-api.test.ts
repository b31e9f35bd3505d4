import { afterAll, beforeAll, expect, test } from 'vitest';
import { decideRequest } from '../../../test/support/decision-lab.ts';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { readCorpus } from '../../core/plan/corpus.ts';
import { type AdminApi, startAdminApi } from './admin-api.ts';

const loaded = fixtureRevision();
const early: DecisionRecord = {
  ...decideRequest(loaded).record,
  id: 'early',
  request: { path: '/v1/chat/completions', bodyBytes: 0 },
};
/** The latest first, as the store gives them. */
const records = [
  decideRequest(loaded, { id: 'third', body: { stream: true } }).record,
  early,
  decideRequest(loaded, { id: 'first' }).record,
];

let api: AdminApi;

beforeAll(async () => {
  const notAsked = () => {
    throw new Error('nobody asks for it here');
  };
  api = await startAdminApi(
    { host: '127.0.0.1', port: 0 },
    {
      status: notAsked,
      fleet: notAsked,
      source: {} as never,
      rollout: {} as never,
      reconcile: notAsked,
      record: notAsked,
      records: (limit) => records.slice(0, limit),
      metrics: notAsked,
      ready: notAsked,
    },
  );
});
afterAll(() => api.close());

async function get(path: string): Promise<{ id: string }[]> {
  const { host, port } = api.address as { host: string; port: number };
  return (await (await fetch(`http://${host}:${port}${path}`)).json()) as { id: string }[];
}

test.each<[string, string[]]>([
  ['/records', ['third', 'early', 'first']],
  ['/records?limit=1', ['third']],
  ['/records?limit=none', ['third', 'early', 'first']],
  ['/records?format=corpus', ['first', 'third']],
  ['/records?format=corpus&limit=1', ['third']],
])('GET %s', async (path, ids) => {
  expect((await get(path)).map(({ id }) => id)).toEqual(ids);
});

test('a corpus is what a plan reads', async () => {
  const lines = await get('/records?format=corpus');
  expect(readCorpus(lines.map((line) => JSON.stringify(line)).join('\n'))).toEqual({ ok: true, value: lines });
});
