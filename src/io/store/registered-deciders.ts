import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import { replaceFile } from './replace-file.ts';

/** A decider that registered with the control plane, for its next start. */
export interface KeptDecider {
  readonly decider: string;
  readonly instance: string;
  readonly address: string;
  readonly version: string;
  readonly held: readonly Digest[];
}

const DECIDERS_FILE = 'deciders.json';

/** Keeps who is registered, in place of who was. @throws StoreError `store-unwritable` */
export async function saveDeciders(directory: string, deciders: readonly KeptDecider[]): Promise<void> {
  await replaceFile(join(directory, DECIDERS_FILE), [Buffer.from(`${JSON.stringify(deciders, null, 2)}\n`)]);
}

/** Who was registered; nobody where the file is not there, or is damaged: deciders register again by themselves. */
export async function readDeciders(directory: string): Promise<readonly KeptDecider[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(directory, DECIDERS_FILE), 'utf8'));
    return Array.isArray(kept) ? kept.filter(isDecider) : [];
  } catch {
    return [];
  }
}

function isDecider(value: unknown): value is KeptDecider {
  const { decider, instance, address, version, held } = (value ?? {}) as Partial<Record<keyof KeptDecider, unknown>>;
  const isText = [decider, instance, address, version].every((text) => typeof text === 'string');
  return isText && Array.isArray(held) && held.every((digest) => typeof digest === 'string');
}
