import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import { type KeptProgress, NO_PROGRESS, readProgress, saveProgress } from './rollout-progress.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headgate-progress-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('what is kept is read again', async () => {
  const fleets = [
    { fleet: 'edge', wave: 1, nodes: ['a', 'b'] },
    { fleet: 'lab', wave: 0, nodes: 'all' as const },
  ];
  const rollout = { digest: digestOfText('d'), commit: 'c1', fleets };
  const progress: KeptProgress = { past: [digestOfText('before')], isPaused: true, rollout };
  await saveProgress(directory, progress);
  expect(await readProgress(directory)).toEqual(progress);
});

test.each(['', '{"past":[]', '{"past":[],"isPaused":false,"rollout":{"fleets":[{"fleet":1}]}}'])(
  'a file that is missing or damaged is no progress: %s',
  async (text) => {
    expect(await readProgress(directory)).toEqual(NO_PROGRESS);
    await writeFile(join(directory, 'rollout.json'), text);
    expect(await readProgress(directory)).toEqual(NO_PROGRESS);
  },
);
