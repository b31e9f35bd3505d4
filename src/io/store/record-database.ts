import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './store-error.ts';

/** Goes up with every change of the table: a file of another version is set aside, not migrated. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE records (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    time_ms REAL NOT NULL,
    digest TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    team TEXT,
    key_name TEXT,
    route TEXT,
    model TEXT,
    offer TEXT,
    endpoint TEXT,
    outcome TEXT NOT NULL,
    status INTEGER,
    refusal_code TEXT,
    input_tokens INTEGER,
    cached_tokens INTEGER,
    output_tokens INTEGER,
    cost_micro_usd REAL,
    headers_ms REAL,
    total_ms REAL,
    json TEXT NOT NULL
  );
  CREATE INDEX records_by_time ON records (time_ms, offer, endpoint, outcome);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** A reader in another process (`headgate explain`) holds a lock for milliseconds. */
const BUSY_TIMEOUT_MS = 1_000;
/** SQLite's result codes for a file that is damaged or is no database. */
const DAMAGED_CODES = [11, 26];

/**
 * Opens the database, makes it where there is none, and sets one aside that is damaged or of another version: records
 * are worth less than a start. `setAside` is where it went.
 * @throws StoreError `store-unwritable`
 */
export function openRecordDatabase(path: string): { database: DatabaseSync; setAside: string | undefined } {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    const database = openCurrent(path);
    if (database !== undefined) return { database, setAside: undefined };
    const setAside = `${path}.set-aside`;
    renameSync(path, setAside);
    for (const ending of ['-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    const fresh = openCurrent(path);
    if (fresh === undefined) throw new StoreError('store-corrupt', `a new ${path} is damaged`);
    return { database: fresh, setAside };
  } catch (cause) {
    throw unopenable(path, cause);
  }
}

/** Undefined when the file is damaged or of another version. */
function openCurrent(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // A power cut may lose the last seconds; the file stays whole. A checkpoint waits for the disk: one in 2,000 records.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000;');
    const version = versionOf(database);
    const isNew = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0;
    if (isNew) database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
    if (isNew || version === SCHEMA_VERSION) return database;
  } catch (error) {
    database.close();
    if (isDamage(error)) return undefined;
    throw error;
  }
  database.close();
  return undefined;
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.user_version;
}

function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  // The lower byte is the primary code.
  return typeof code === 'number' && DAMAGED_CODES.includes(code & 0xff);
}

function unopenable(path: string, cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  return new StoreError('store-unwritable', `cannot open ${path}: ${why}`, { cause });
}
