import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError } from './store-error.ts';

/** What a half-written file is called: a reader never takes one, and a later start may delete it. */
export const PARTIAL_ENDING = '.partial';

/**
 * Writes a file so that a reader, also after a power cut, finds the old content or the new, never a part.
 * @throws StoreError `store-unwritable`
 */
export async function replaceFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const partial = `${path}.${randomBytes(6).toString('hex')}${PARTIAL_ENDING}`;
  try {
    const file = await open(partial, 'wx', 0o600);
    try {
      await file.writev(parts.filter((part) => part.length > 0));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw unwritable(path, cause);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function unwritable(path: string, cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  return new StoreError('store-unwritable', `cannot write ${path}: ${why}`, { cause });
}
