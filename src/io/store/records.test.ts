import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { openRecords, type Records, type RecordsOptions } from './records.ts';

const NOW_MS = Date.parse('2026-03-08T12:00:00Z');
const DAY_MS = 86_400_000;

let path: string;
const opened: Records[] = [];

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'headgate-records-')), 'state', 'records.sqlite');
});

afterEach(() => {
  for (const records of opened.splice(0)) records.close();
  rmSync(join(path, '../..'), { recursive: true });
});

function open(options: Partial<RecordsOptions> = {}): Records {
  const records = openRecords(path, { nowMs: () => NOW_MS, ...options });
  opened.push(records);
  return records;
}

const endpoint = { offer: 'own', cluster: 'pool-h100', address: '10.0.0.11:8000' };

function record(id: string, changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    id,
    timeMs: NOW_MS,
    digest: digestOfText('revision'),
    commit: 'c0ffee',
    request: { path: '/v1/chat/completions', model: 'chat', stream: true, bodyBytes: 120 },
    principal: { team: 'red', key: 'red-ci' },
    route: 'chat',
    model: 'chat-small',
    removed: [{ offer: 'corp', reason: 'context', detail: '9000 > 8192' }],
    candidates: [],
    attempts: [endpoint],
    policies: [],
    seed: 7,
    outcome: {
      kind: 'answered',
      status: 200,
      served: { ...endpoint, attempt: 0 },
      usage: { inputTokens: 10, cachedTokens: 2, outputTokens: 5, source: 'reported' },
      costMicroUsd: 1.5,
      decidedMs: 0.4,
      headersMs: 30,
      totalMs: 90,
    },
    ...changes,
  };
}

const refused: Partial<DecisionRecord> = {
  attempts: [],
  refusal: { reason: 'policy-denied', code: 'secret-found' },
  outcome: { kind: 'refused', status: 403, costMicroUsd: 0, decidedMs: 0.3, totalMs: 0.3 },
};

describe('the records', () => {
  test('come back whole, at once, and after a restart', () => {
    const records = open();
    records.append(record('a'));
    expect(records.get('a')).toEqual(record('a'));
    expect(records.get('b')).toBeUndefined();
    records.close();
    expect(open().get('a')).toEqual(record('a'));
  });

  test('of one id are one: the later takes the place of the earlier', () => {
    const records = open();
    const { outcome, ...asked } = record('a');
    records.append(asked);
    records.append(record('b'));
    expect(records.latest(1, { outcome: 'open' })).toEqual([asked]);
    records.append({ ...asked, ...(outcome === undefined ? {} : { outcome }) });
    expect(records.latest(10).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(records.latest(10, { outcome: 'open' })).toEqual([]);
  });

  test('are found by team, route, model, outcome and endpoint, the latest first', () => {
    const records = open();
    records.append(record('a'));
    records.append(record('b', { principal: { team: 'blue' }, route: 'batch' }));
    records.append(record('c', { ...refused, model: 'chat-large' }));
    const ids = (...query: Parameters<Records['latest']>) => records.latest(...query).map(({ id }) => id);
    expect({
      all: ids(10),
      two: ids(2),
      none: ids(0),
      red: ids(10, { team: 'red' }),
      lastOfRed: ids(1, { team: 'red' }),
      batch: ids(10, { route: 'batch' }),
      large: ids(10, { model: 'chat-large' }),
      refused: ids(10, { outcome: 'refused' }),
      served: ids(10, { endpoint: '10.0.0.11:8000' }),
      both: ids(10, { team: 'red', outcome: 'answered' }),
      injected: ids(10, { team: "red' OR '1'='1" }),
    }).toEqual({
      all: ['c', 'b', 'a'],
      two: ['c', 'b'],
      none: [],
      red: ['c', 'a'],
      lastOfRed: ['c'],
      batch: ['b'],
      large: ['c'],
      refused: ['c'],
      served: ['b', 'a'],
      both: ['a'],
      injected: [],
    });
  });

  test('are counted by offer, endpoint and outcome', () => {
    const records = open();
    records.append(record('old', { timeMs: NOW_MS - 1 }));
    for (const id of ['a', 'b']) records.append(record(id));
    records.append(record('c', refused));
    expect(records.countsSince(NOW_MS)).toEqual([
      { offer: null, endpoint: null, outcome: 'refused', count: 1 },
      { offer: 'own', endpoint: '10.0.0.11:8000', outcome: 'answered', count: 2 },
    ]);
  });

  test('have columns for every figure, so that other tools can ask', () => {
    const records = open();
    records.append(record('a', refused));
    records.append(record('b'));
    records.close();
    const database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare('SELECT * FROM records ORDER BY sequence').all();
    database.close();
    const common = {
      time_ms: NOW_MS,
      digest: digestOfText('revision'),
      commit_id: 'c0ffee',
      team: 'red',
      key_name: 'red-ci',
      route: 'chat',
      model: 'chat-small',
    };
    expect(rows.map((row) => ({ ...row }))).toEqual([
      {
        ...common,
        sequence: 1,
        id: 'a',
        offer: null,
        endpoint: null,
        outcome: 'refused',
        status: 403,
        refusal_code: 'secret-found',
        input_tokens: null,
        cached_tokens: null,
        output_tokens: null,
        cost_micro_usd: 0,
        headers_ms: null,
        total_ms: 0.3,
        json: JSON.stringify(record('a', refused)),
      },
      {
        ...common,
        sequence: 2,
        id: 'b',
        offer: 'own',
        endpoint: '10.0.0.11:8000',
        outcome: 'answered',
        status: 200,
        refusal_code: null,
        input_tokens: 10,
        cached_tokens: 2,
        output_tokens: 5,
        cost_micro_usd: 1.5,
        headers_ms: 30,
        total_ms: 90,
        json: JSON.stringify(record('b')),
      },
    ]);
  });
});

describe('the queue', () => {
  test('is written by itself', async () => {
    const records = open();
    records.append(record('a'));
    expect(records.stats()).toMatchObject({ written: 0, queued: 1 });
    await expect.poll(() => records.stats()).toMatchObject({ written: 1, queued: 0 });
    for (let index = 0; index < 250; index += 1) records.append(record(`b${index}`));
    await expect.poll(() => records.stats()).toMatchObject({ written: 251, queued: 0 });
  });

  test('has an end: what does not fit is counted, and nothing is thrown', () => {
    const records = open();
    for (let index = 0; index < 20_003; index += 1) records.append(record(`a${index}`));
    expect(records.stats()).toMatchObject({ queued: 20_000, dropped: 3 });
  });

  test('takes nothing after close', () => {
    const records = open();
    records.append(record('a'));
    records.close();
    records.close();
    records.append(record('b'));
    expect(records.stats()).toMatchObject({ written: 1, dropped: 1 });
    expect(() => records.get('a')).toThrow(expect.objectContaining({ code: 'store-closed' }));
  });

  test('counts what the database refuses', () => {
    const records = open();
    const other = new DatabaseSync(path);
    other.exec('DROP TABLE records');
    other.close();
    records.append(record('a'));
    records.flush();
    expect(records.stats()).toMatchObject({ written: 0, failed: 1, lastFailure: 'no such table: records' });
    expect(() => records.get('a')).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
  });
});

describe('what is kept', () => {
  test('is limited by count', () => {
    const records = open({ limits: { countMax: 128 } });
    for (let index = 0; index < 384; index += 1) records.append(record(`a${index}`));
    expect(records.latest(1000).map(({ id }) => id)).toEqual(
      Array.from({ length: 128 }, (_, index) => `a${383 - index}`),
    );
  });

  test('is limited by age', () => {
    const records = open();
    for (let index = 0; index < 150; index += 1) records.append(record(`old${index}`, { timeMs: NOW_MS - 8 * DAY_MS }));
    for (let index = 0; index < 150; index += 1) records.append(record(`new${index}`));
    expect(records.latest(1000).filter(({ id }) => id.startsWith('old'))).toEqual([]);
    expect(records.latest(1000).length).toBe(150);
  });
});
