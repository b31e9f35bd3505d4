import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import { replaceFile } from './replace-file.ts';

/** A revision that a proxy refused, the commit that brought it, and why, as text for people. */
export interface FrozenRevision {
  readonly digest: Digest;
  readonly commit: string;
  readonly diagnostics: string;
}

const FROZEN_FILE = 'frozen.json';

/** Keeps what is frozen for the next start, in place of what was kept before. @throws StoreError `store-unwritable` */
export async function saveFrozen(directory: string, frozen: readonly FrozenRevision[]): Promise<void> {
  await replaceFile(join(directory, FROZEN_FILE), [Buffer.from(`${JSON.stringify(frozen, null, 2)}\n`)]);
}

/** What is frozen, the oldest first; none where the file is not there, or is damaged: it is then refused once more. */
export async function readFrozen(directory: string): Promise<readonly FrozenRevision[]> {
  try {
    const frozen: unknown = JSON.parse(await readFile(join(directory, FROZEN_FILE), 'utf8'));
    return Array.isArray(frozen) ? frozen.filter(isFrozenRevision) : [];
  } catch {
    return [];
  }
}

function isFrozenRevision(value: unknown): value is FrozenRevision {
  const { digest, commit, diagnostics } = (value ?? {}) as Partial<FrozenRevision>;
  return [digest, commit, diagnostics].every((text) => typeof text === 'string');
}
