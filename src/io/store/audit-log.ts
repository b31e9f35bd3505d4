import { mkdir, open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../core/base/canonical-json.ts';
import { AUDIT_START, type AuditLink, auditFiles, auditLine, readLastLine } from './audit-chain.ts';

/** The file of what was done: lines are only ever added, each with the hash of the one before. */
export interface AuditLog {
  /** Adds what JSON makes of an entry; nobody waits for the disk. */
  readonly append: (entry: object) => void;
  /** Entries that wait for the disk, and those that were lost because it took none for too long. */
  readonly stats: () => { readonly written: number; readonly waiting: number; readonly lost: number };
  /** Resolves when what was appended is written, or could not be. */
  readonly flushed: () => Promise<void>;
  /** Tries once more what could not be written. */
  readonly close: () => Promise<void>;
}

export interface AuditOptions {
  readonly nowMs: () => number;
  readonly onFailure: (cause: unknown) => void;
  /** Default: 16 MiB, some thirty thousand entries. */
  readonly fileBytesMax?: number;
  /** The oldest goes first. Default: 16. */
  readonly filesMax?: number;
}

const FILE_BYTES_MAX = 16 * 1024 * 1024;
const FILES_MAX = 16;
/** Entries that wait for a disk that takes none. */
const WAITING_MAX = 1_000;
const OWNER_ALONE = 0o600;

/** Goes on where the last line of the folder ends; a line that a crash cut short was never complete, and is taken away. */
export async function openAuditLog(directory: string, options: AuditOptions): Promise<AuditLog> {
  const { nowMs, onFailure, fileBytesMax = FILE_BYTES_MAX, filesMax = FILES_MAX } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let last: AuditLink = await lastLink(directory);
  const waiting: { readonly entry: Json; readonly timeMs: number }[] = [];
  let written = 0;
  let lost = 0;
  let running: Promise<void> | undefined;

  const writeWaiting = async (): Promise<void> => {
    const file = await fileFor(directory, last, { fileBytesMax, filesMax });
    const handle = await open(join(directory, file), 'a', OWNER_ALONE);
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const line = auditLine(last, new Date(next.timeMs).toISOString(), next.entry);
        await handle.appendFile(line.text);
        last = line.link;
        waiting.shift();
        written += 1;
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
  };
  const run = async (): Promise<void> => {
    try {
      while (waiting.length > 0) await writeWaiting();
    } catch (cause) {
      onFailure(cause);
      // Half a line may stand there now: the next one begins behind the last whole one.
      last = await lastLink(directory).catch(() => last);
    }
    // In the same turn as the last look at what waits: whoever appends from now on starts anew.
    running = undefined;
  };
  return {
    append: (entry) => {
      waiting.push({ entry: JSON.parse(JSON.stringify(entry)) as Json, timeMs: nowMs() });
      if (waiting.length > WAITING_MAX) {
        // The first may be on its way to the disk.
        waiting.splice(1, 1);
        lost += 1;
      }
      running ??= run();
    },
    stats: () => ({ written, waiting: waiting.length, lost }),
    flushed: async () => running,
    close: async () => {
      await running;
      if (waiting.length > 0) await run();
    },
  };
}

/** The last whole line of all files; what stands behind it is cut away. */
async function lastLink(directory: string): Promise<AuditLink> {
  for (const file of (await auditFiles(directory)).reverse()) {
    const path = join(directory, file);
    const { link, endBytes } = await readLastLine(path);
    if (endBytes < (await stat(path)).size) await truncate(path, endBytes);
    if (link !== undefined) return link;
  }
  return AUDIT_START;
}

/** The file for the next line: the newest, or a new one where that is full; then the oldest ones go. */
async function fileFor(
  directory: string,
  last: AuditLink,
  { fileBytesMax, filesMax }: Required<Pick<AuditOptions, 'fileBytesMax' | 'filesMax'>>,
): Promise<string> {
  const files = await auditFiles(directory);
  const newest = files.at(-1);
  if (newest !== undefined && (await stat(join(directory, newest))).size < fileBytesMax) return newest;
  for (const file of files.slice(0, Math.max(0, files.length + 1 - filesMax))) await rm(join(directory, file));
  return `audit-${String(last.sequence + 1).padStart(12, '0')}.jsonl`;
}
