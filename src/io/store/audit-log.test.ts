import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyAudit } from './audit-chain.ts';
import { type AuditLog, type AuditOptions, openAuditLog } from './audit-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-audit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const failures: unknown[] = [];

function open(name: string, options: Partial<AuditOptions> = {}): Promise<AuditLog> {
  return openAuditLog(join(folder, name), { nowMs: () => 0, onFailure: (cause) => failures.push(cause), ...options });
}

/** A log with these entries, closed. Gives its one file. */
async function written(name: string, ...entries: string[]): Promise<string> {
  const log = await open(name);
  for (const entry of entries) log.append({ entry });
  await log.close();
  return join(folder, name, 'audit-000000000001.jsonl');
}

test('a line has its number, its time, its entry, the hash of the one before and its own', async () => {
  const file = await written('lines', 'a', 'b');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const [first, second] = lines.slice(0, 2).map((line) => JSON.parse(line) as { hash: string });
  const hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
  const time = '1970-01-01T00:00:00.000Z';
  expect(first).toEqual({ sequence: 1, time, previous: '', entry: { entry: 'a' }, hash });
  expect(second).toEqual({ sequence: 2, time, previous: first?.hash, entry: { entry: 'b' }, hash });
});

test('a later process goes on where the one before ended', async () => {
  await written('later', 'a');
  await written('later', 'b');
  expect(await verifyAudit(join(folder, 'later'))).toMatchObject({ kind: 'whole', lines: 2, last: { sequence: 2 } });
});

test('a line that a crash cut short is taken away', async () => {
  const file = await written('crash', 'a');
  const whole = await readFile(file, 'utf8');
  await appendFile(file, whole.slice(0, 40));
  await written('crash', 'b');
  expect((await readFile(file, 'utf8')).startsWith(whole)).toBe(true);
  expect(await verifyAudit(join(folder, 'crash'))).toMatchObject({ kind: 'whole', lines: 2 });
});

test('files are full one day, and the oldest go', async () => {
  const log = await open('rotated', { fileBytesMax: 300, filesMax: 3 });
  for (let index = 0; index < 12; index += 1) {
    log.append({ index });
    await log.flushed();
  }
  await log.close();
  expect((await readdir(join(folder, 'rotated'))).sort()).toEqual([
    ...['audit-000000000007.jsonl', 'audit-000000000009.jsonl', 'audit-000000000011.jsonl'],
  ]);
  expect(await verifyAudit(join(folder, 'rotated'))).toMatchObject({ kind: 'whole', lines: 6, last: { sequence: 12 } });
});

test('a folder that takes nothing is told, and what waits is written when it does', async () => {
  const log = await open('full');
  log.append({ entry: 'a' });
  await log.flushed();
  const directory = join(folder, 'full');
  await rm(directory, { recursive: true });
  log.append({ entry: 'b' });
  await log.flushed();
  expect([failures.length, log.stats()]).toEqual([1, { written: 1, waiting: 1, lost: 0 }]);
});

describe('the check finds', () => {
  test.each([
    ['a word that was changed', (text: string) => text.replace('"b"', '"x"'), 2, 'its hash is not that of its content'],
    ['a line that is gone', (text: string) => without(text, 1), 2, 'it does not follow the line before it'],
    [
      'two lines in another order',
      (text: string) => text.split('\n').toReversed().join('\n').trimStart(),
      2,
      'it does not follow the line before it',
    ],
    ['what is no line', (text: string) => text.replace('{', ''), 1, 'it is no JSON'],
  ])('%s', async (name, change, line, why) => {
    const file = await written(name, 'a', 'b', 'c');
    await writeFile(file, change(await readFile(file, 'utf8')));
    expect(await verifyAudit(join(folder, name))).toEqual({
      ...{ kind: 'broken', file: 'audit-000000000001.jsonl', line, why },
    });
  });
});

function without(text: string, index: number): string {
  return text.split('\n').toSpliced(index, 1).join('\n');
}
