import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Digest } from '../../core/base/digest.ts';
import { type KeptInUse, readInUse, saveInUse } from './in-use.ts';
import { type KeptDecider, readDeciders, saveDeciders } from './registered-deciders.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what proxies may name', () => {
  test.each<[string, KeptInUse]>([
    ['all of it', { live: digest('1'), candidate: digest('2'), needed: [digest('1')], named: [digest('3')] }],
    ['nothing', { live: undefined, candidate: undefined, needed: [], named: [] }],
  ])('%s comes back', async (_what, inUse) => {
    await saveInUse(folder, inUse);
    expect(await readInUse(folder)).toEqual(inUse);
  });

  test.each([undefined, '', '{', '[]', '{"needed":[1],"named":[]}', '{"live":1,"needed":[],"named":[]}', 'null'])(
    'is not known where the file says %s',
    async (text) => {
      if (text !== undefined) writeFileSync(join(folder, 'in-use.json'), text);
      expect(await readInUse(folder)).toBe(undefined);
    },
  );
});

describe('registered deciders', () => {
  const one: KeptDecider = {
    ...{ decider: 'd-1', instance: 'i', address: '10.0.0.1:1', version: '1', held: [digest('1')] },
  };

  test('come back', async () => {
    await saveDeciders(folder, [one]);
    expect(await readDeciders(folder)).toEqual([one]);
  });

  test.each([undefined, '{', '{}', '[{"decider":"d-1"}]'])('are none where the file says %s', async (text) => {
    if (text !== undefined) writeFileSync(join(folder, 'deciders.json'), text);
    expect(await readDeciders(folder)).toEqual([]);
  });
});
