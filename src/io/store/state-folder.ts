import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError, type StoreErrorCode } from './store-error.ts';

/** The folder of one process, until it closes it or ends. */
export interface StateFolder {
  readonly close: () => void;
}

/** What stands in the folder is for nobody else on the machine. */
const OWNER_ALONE = 0o700;
const LOCK_FILE = 'lock';
const PID_FILE = 'lock.pid';
/** SQLITE_BUSY. */
const BUSY = 5;

/**
 * Makes the folder where it is missing, closes it to others, and takes it for this process alone: two would serve two
 * truths from one state. The lock is one of the system's, by SQLite, which a killed process cannot leave behind.
 * @throws StoreError `store-locked` with the process that has it, `store-unwritable`
 */
export async function openStateFolder(path: string): Promise<StateFolder> {
  try {
    await mkdir(path, { recursive: true, mode: OWNER_ALONE });
    // A folder that was mounted for us may belong to somebody else, who then says who gets in.
    if ((await stat(path)).uid === process.getuid?.()) await chmod(path, OWNER_ALONE);
    const lock = await takeLock(path);
    await writeFile(join(path, PID_FILE), String(process.pid));
    return { close: () => lock.close() };
  } catch (cause) {
    throw cause instanceof StoreError
      ? cause
      : failed('store-unwritable', `cannot use the state folder ${path}`, cause);
  }
}

async function takeLock(path: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(join(path, LOCK_FILE));
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== BUSY) throw cause;
    const pid = await readFile(join(path, PID_FILE), 'utf8').catch(() => 'unknown');
    throw failed('store-locked', `process ${pid} has the state folder ${path}`, cause);
  }
}

function failed(code: StoreErrorCode, message: string, cause: unknown): StoreError {
  return new StoreError(code, message, { cause });
}
