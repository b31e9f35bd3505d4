import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Some hundred trees, of which most texts are below a kilobyte. */
const ENTRIES_MAX = 200;
/** A tree with more to say than this is judged again each time. */
const ENTRY_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The text that was kept under a key, or undefined. An entry that is not as it was written counts as none. The folder is
 * the user's own: what is in it is believed as much as the program itself.
 */
export function keptText(folder: string, key: string): string | undefined {
  try {
    const entry = readFileSync(entryPath(folder, key), 'utf8');
    const end = entry.indexOf('\n');
    const text = entry.slice(end + 1);
    return entry.slice(0, end) === sum(key, text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a text under a key, whole or not at all, and forgets the oldest ones. A folder that cannot be written to keeps nothing. */
export function keepText(folder: string, key: string, text: string): void {
  if (text.length > ENTRY_BYTES_MAX) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = entryPath(folder, key);
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, `${sum(key, text)}\n${text}`, { mode: 0o600 });
    renameSync(unfinished, path);
    forgetOldest(folder);
  } catch {
    // The next run does the work again.
  }
}

function entryPath(folder: string, key: string): string {
  return join(folder, createHash('sha256').update(key).digest('hex'));
}

function sum(key: string, text: string): string {
  return createHash('sha256').update(key).update('\0').update(text).digest('hex');
}

function forgetOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= ENTRIES_MAX) return;
  const aged = names.map((name) => ({ name, atMs: statSync(join(folder, name)).mtimeMs }));
  aged.sort((left, right) => left.atMs - right.atMs);
  for (const { name } of aged.slice(0, names.length - ENTRIES_MAX)) rmSync(join(folder, name), { force: true });
}
