import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecordDatabase } from './record-database.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-records-'));
  path = join(directory, 'state', 'records.sqlite');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Opens, closes, and says how many records there are and what was set aside. */
function open(): { count: unknown; setAside: string | undefined } {
  const { database, setAside } = openRecordDatabase(path);
  const count = database.prepare('SELECT count(*) AS count FROM records').get()?.count;
  database.close();
  return { count, setAside };
}

test('a file is made for its owner alone, and found again', () => {
  expect(open()).toEqual({ count: 0, setAside: undefined });
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
  const database = new DatabaseSync(path);
  database.exec(
    `INSERT INTO records (id, time_ms, digest, commit_id, outcome, json) VALUES ('a', 1, '', '', '', '{}')`,
  );
  database.close();
  expect(open()).toEqual({ count: 1, setAside: undefined });
});

test.each([
  ['no database', () => writeFileSync(path, 'x'.repeat(8192))],
  [
    'of another version',
    () => {
      const database = new DatabaseSync(path);
      database.exec('PRAGMA user_version = 99');
      database.close();
    },
  ],
])('a file that is %s is set aside, and a new one begun', (_what, spoil) => {
  open();
  spoil();
  expect(open()).toEqual({ count: 0, setAside: `${path}.set-aside` });
  expect(existsSync(`${path}.set-aside`)).toBe(true);
  expect(open()).toEqual({ count: 0, setAside: undefined });
});

test('a file that cannot be made is a typed failure', () => {
  writeFileSync(join(directory, 'state'), '');
  expect(() => open()).toThrow(expect.objectContaining({ name: 'StoreError', code: 'store-unwritable' }));
});
