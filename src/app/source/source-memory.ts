import { readFile } from 'node:fs/promises';
import { replaceFile } from '../../io/store/replace-file.ts';
import type { OverrideOrder, SourceControlState } from './source-control.ts';

/** What the source knows again after a restart: what operators ordered, and the last commit that served. */
export interface SourceMemory {
  readonly orders: SourceControlState;
  /** The last commit of the repository that served; what comes after it must descend from it where that is asked for. */
  readonly served?: ServedCommit;
  /** The word of whoever asked for the last reconcile that had one, once it was handled. */
  readonly handledReconcileAt?: string;
}

export interface ServedCommit {
  readonly commit: string;
  /** Which repository and ref it came from: of another one it says nothing. */
  readonly of: string;
}

const MEMORY_VERSION = 1;

/** @throws StoreError `store-unwritable` */
export async function saveMemory(path: string, memory: SourceMemory): Promise<void> {
  await replaceFile(path, [Buffer.from(`${JSON.stringify({ version: MEMORY_VERSION, ...memory }, null, 2)}\n`)]);
}

/**
 * Nothing where there is no file. One that cannot be read suspends: it may have said so, and what serves is good until
 * somebody looks.
 */
export async function readMemory(path: string, nowMs: number): Promise<SourceMemory> {
  try {
    const memory = memoryOf(JSON.parse(await readFile(path, 'utf8')));
    if (memory !== undefined) return memory;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { orders: {} };
  }
  return { orders: { suspended: { reason: `${path} cannot be read`, sinceMs: nowMs } } };
}

function memoryOf(value: unknown): SourceMemory | undefined {
  const { version, orders, served, handledReconcileAt } = (value ?? {}) as {
    version?: unknown;
  } & Partial<SourceMemory>;
  if (version !== MEMORY_VERSION || typeof orders !== 'object' || orders === null) return undefined;
  const { suspended, pinned, override } = orders;
  const isWhole =
    (suspended === undefined || (typeof suspended.reason === 'string' && Number.isFinite(suspended.sinceMs))) &&
    (pinned === undefined || (isCommit(pinned.commit) && Number.isFinite(pinned.sinceMs))) &&
    (override === undefined || isOverride(override)) &&
    (served === undefined || (isCommit(served.commit) && typeof served.of === 'string')) &&
    (handledReconcileAt === undefined || typeof handledReconcileAt === 'string');
  if (!isWhole) return undefined;
  return {
    orders,
    ...(served === undefined ? {} : { served }),
    ...(handledReconcileAt === undefined ? {} : { handledReconcileAt }),
  };
}

function isOverride({ from, untilMs, reason }: OverrideOrder): boolean {
  const isFrom = from?.kind === 'commit' ? isCommit(from.commit) : typeof from?.directory === 'string';
  return isFrom && Number.isFinite(untilMs) && typeof reason === 'string';
}

export function isCommit(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{40}$/.test(text);
}
