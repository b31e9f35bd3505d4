import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import { replaceFile } from './replace-file.ts';

/** The digests by which proxies may ask a decider, as its control plane said last. */
export interface KeptInUse {
  readonly live: Digest | undefined;
  readonly candidate: Digest | undefined;
  readonly needed: readonly Digest[];
  readonly named: readonly Digest[];
}

const IN_USE_FILE = 'in-use.json';

/** Keeps it for a start without the control plane. @throws StoreError `store-unwritable` */
export async function saveInUse(directory: string, inUse: KeptInUse): Promise<void> {
  await replaceFile(join(directory, IN_USE_FILE), [Buffer.from(`${JSON.stringify(inUse, null, 2)}\n`)]);
}

/** What was kept last; undefined where nothing was, or it is damaged: the control plane says it again. */
export async function readInUse(directory: string): Promise<KeptInUse | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(directory, IN_USE_FILE), 'utf8'));
    return isInUse(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isInUse(value: unknown): value is KeptInUse {
  const { live, candidate, needed, named } = (value ?? {}) as Partial<Record<keyof KeptInUse, unknown>>;
  const isMark = (mark: unknown) => mark === undefined || typeof mark === 'string';
  const isList = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string');
  return isMark(live) && isMark(candidate) && isList(needed) && isList(named);
}
