import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import { readFrozen, saveFrozen } from './frozen.ts';

const [first, second] = [
  { digest: digestOfText('a'), commit: 'c1', diagnostics: 'Envoy refused Listener edge: Address in use' },
  { digest: digestOfText('b'), commit: 'c2', diagnostics: '' },
];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headgate-frozen-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('what is frozen comes back, in its order, as it was saved last', async () => {
  expect(await readFrozen(directory)).toEqual([]);
  await saveFrozen(directory, [second]);
  await saveFrozen(directory, [first, second]);
  expect(await readFrozen(directory)).toEqual([first, second]);
});

test.each(['{', '{"digest":1}', '[null, 3, {}]', 'null'])('a damaged file (%s) freezes nothing', async (text) => {
  writeFileSync(join(directory, 'frozen.json'), text);
  expect(await readFrozen(directory)).toEqual([]);
});
