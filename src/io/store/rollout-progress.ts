import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import type { KeptRollout } from '../../core/rollout/rollout-state.ts';
import { replaceFile } from './replace-file.ts';

/** What a process leaves of its rollouts to the next one, beside what serves and what is frozen. */
export interface KeptProgress {
  /** Revisions that served and that a proxy took, the latest first. */
  readonly past: readonly Digest[];
  readonly isPaused: boolean;
  /** Absent while none is under way. */
  readonly rollout?: KeptRollout;
}

export const NO_PROGRESS: KeptProgress = { past: [], isPaused: false };

const PROGRESS_FILE = 'rollout.json';

/** @throws StoreError `store-unwritable` */
export async function saveProgress(directory: string, progress: KeptProgress): Promise<void> {
  await replaceFile(join(directory, PROGRESS_FILE), [Buffer.from(`${JSON.stringify(progress)}\n`)]);
}

/** Nothing where the file is not there, or is damaged: a rollout then begins with its first wave once more. */
export async function readProgress(directory: string): Promise<KeptProgress> {
  try {
    const progress: unknown = JSON.parse(await readFile(join(directory, PROGRESS_FILE), 'utf8'));
    return isProgress(progress) ? progress : NO_PROGRESS;
  } catch {
    return NO_PROGRESS;
  }
}

function isProgress(value: unknown): value is KeptProgress {
  const { past, isPaused, rollout } = (value ?? {}) as Partial<KeptProgress>;
  const isPast = Array.isArray(past) && past.every((digest) => typeof digest === 'string');
  return isPast && typeof isPaused === 'boolean' && (rollout === undefined || isRollout(rollout));
}

function isRollout(value: unknown): value is KeptRollout {
  const { digest, commit, fleets } = (value ?? {}) as Partial<KeptRollout>;
  return typeof digest === 'string' && typeof commit === 'string' && Array.isArray(fleets) && fleets.every(isFleet);
}

function isFleet(value: unknown): value is KeptRollout['fleets'][number] {
  const { fleet, wave, nodes } = (value ?? {}) as Partial<KeptRollout['fleets'][number]>;
  const isNodes = nodes === 'all' || (Array.isArray(nodes) && nodes.every((node) => typeof node === 'string'));
  return typeof fleet === 'string' && Number.isInteger(wave) && isNodes;
}
