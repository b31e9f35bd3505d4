import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KeptEvent, openKeptEvents } from './kept-events.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
let folder: string;
let failures: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-events-'));
  failures = [];
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'events', 'a.jsonl');
async function open(nowMs = NOW_MS) {
  const onFailure = (cause: unknown) => void failures.push(String(cause));
  const kept = await openKeptEvents<KeptEvent>(path(), { nowMs: () => nowMs, onFailure });
  await kept.flushed();
  return kept;
}
const event = (id: string): KeptEvent => ({ id, time: new Date(NOW_MS).toISOString() });
const linesOf = () => readFileSync(path(), 'utf8').split('\n').length - 1;

test('what did not come to its end is there after a restart, in its order', async () => {
  const kept = await open();
  expect(kept.undelivered).toEqual([]);
  for (const id of ['a', 'b', 'c']) kept.add(event(id));
  kept.done('b');
  await kept.flushed();
  const again = await open();
  expect(again.undelivered).toEqual([event('a'), event('c')]);
  again.add(event('d'));
  again.done('a');
  again.done('a');
  await again.flushed();
  expect((await open()).undelivered).toEqual([event('c'), event('d')]);
  expect(linesOf()).toBe(2);
});

test('a line that a crash cut short is passed over, and what comes after it is whole', async () => {
  const kept = await open();
  kept.add(event('a'));
  await kept.flushed();
  appendFileSync(path(), '{"event":{"id":"b"\n{"done":3}\n{"event":{"id":');
  const again = await open();
  expect(again.undelivered).toEqual([event('a')]);
  again.add(event('c'));
  await again.flushed();
  expect((await open()).undelivered).toEqual([event('a'), event('c')]);
});

test('what is a day old is let go of, and nothing leaves no file', async () => {
  const kept = await open();
  kept.add(event('a'));
  await kept.flushed();
  expect((await open(NOW_MS + 86_400_001)).undelivered).toEqual([]);
  expect(existsSync(path())).toBe(false);
});

test('what the disk did not take is written once it takes something again', async () => {
  mkdirSync(path(), { recursive: true });
  const kept = await open();
  kept.add(event('a'));
  await kept.flushed();
  expect(failures).toEqual([expect.stringContaining('EISDIR')]);
  rmdirSync(path());
  kept.add(event('b'));
  await kept.flushed();
  expect((await open()).undelivered).toEqual([event('a'), event('b')]);
});

test('the file does not grow with what has ended', async () => {
  const kept = await open();
  for (let index = 0; index < 10_000; index += 1) {
    kept.add(event(`${index}`));
    kept.done(`${index}`);
    if (index % 100 === 0) await kept.flushed();
  }
  kept.add(event('last'));
  await kept.flushed();
  expect(linesOf()).toBeLessThan(4_500);
  expect((await open()).undelivered).toEqual([event('last')]);
});
