import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Digest, digestOfText } from '../../core/base/digest.ts';
import type { Bundle } from './bundle-file.ts';
import { decodeBundle, encodeBundle } from './bundle-file.ts';
import { deleteOldBundles, loadBundle, loadLive, markUsed, pointLive, readLive, saveBundle } from './bundles.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-03-08T12:00:00Z');

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headgate-bundles-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function bundle(
  name: string,
  parts: Record<string, string> = { 'tables.json': '{}', 'policy.wasm': `\0asm ${name}` },
): Bundle {
  const manifest = {
    digest: digestOfText(name),
    commit: `commit-of-${name}`,
    createdAt: NOW_MS,
    about: { fleets: ['edge'] },
  };
  const bytes = Object.entries(parts).map(([part, text]) => [part, new TextEncoder().encode(text)]);
  return { manifest, parts: Object.fromEntries(bytes) };
}

function pathOf(digest: Digest): string {
  return join(directory, `${digest.slice('sha256:'.length)}.bundle`);
}

function damage(digest: Digest): void {
  const path = pathOf(digest);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe('a bundle', () => {
  test('comes back as it was saved, an empty part too', async () => {
    const saved = bundle('a', { 'ir.json': '{"a":1}', empty: '', 'resources/edge.bin': 'x' });
    await saveBundle(directory, saved);
    expect(await loadBundle(directory, saved.manifest.digest)).toEqual(saved);
  });

  test('of the same digest and a later commit takes the place of the older', async () => {
    const first = bundle('a');
    const second = { ...first, manifest: { ...first.manifest, commit: 'later' } };
    await saveBundle(directory, first);
    await saveBundle(directory, second);
    expect((await loadBundle(directory, first.manifest.digest)).manifest.commit).toBe('later');
    expect(await readdir(directory)).toHaveLength(1);
  });

  test('that is not there, or not named by a digest, is missing', async () => {
    await expect(loadBundle(directory, digestOfText('a'))).rejects.toMatchObject({ code: 'store-missing' });
    await expect(loadBundle(directory, 'sha256:../../etc/passwd')).rejects.toMatchObject({ code: 'store-missing' });
  });

  test('under the digest of another is damaged', async () => {
    const [first, second] = [bundle('a'), bundle('b')];
    await saveBundle(directory, first);
    writeFileSync(pathOf(second.manifest.digest), readFileSync(pathOf(first.manifest.digest)));
    await expect(loadBundle(directory, second.manifest.digest)).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  test('with any one byte changed, or cut anywhere, is no bundle', () => {
    const file = Buffer.concat(encodeBundle(bundle('a')));
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(file);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect([decodeBundle(changed), decodeBundle(file.subarray(0, at))]).toEqual([undefined, undefined]);
      }),
    );
  });

  test('that cannot be written is a typed failure', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    await expect(saveBundle(path, bundle('a'))).rejects.toMatchObject({ code: 'store-unwritable' });
  });
});

describe('what is live', () => {
  test('is nothing at first', async () => {
    expect(await readLive(directory)).toEqual([]);
    expect(await loadLive(directory)).toEqual({ found: undefined, damaged: [] });
  });

  test('is the last that was pointed to; those before it are remembered once', async () => {
    const pointers = ['a', 'b', 'a'].map((name, index) => ({ digest: digestOfText(name), commit: name, since: index }));
    for (const pointer of pointers) await pointLive(directory, pointer);
    expect(await readLive(directory)).toEqual([pointers[2], pointers[1]]);
  });

  test('falls back to the one before when it is damaged or gone, and says so', async () => {
    const [first, second, third] = [bundle('a'), bundle('b'), bundle('c')] as const;
    for (const each of [first, second, third]) {
      const { digest, commit } = each.manifest;
      await saveBundle(directory, each);
      await pointLive(directory, { digest, commit, since: NOW_MS });
    }
    damage(third.manifest.digest);
    await rm(pathOf(second.manifest.digest));
    const { found, damaged } = await loadLive(directory);
    expect(found).toEqual({
      live: { digest: first.manifest.digest, commit: 'commit-of-a', since: NOW_MS },
      bundle: first,
    });
    expect(damaged.map(({ code }) => code)).toEqual(['store-corrupt', 'store-missing']);
  });

  test('is unknown when the pointer file is damaged', async () => {
    for (const text of ['{', '{"digest":1}', '[null, 3, {}]', 'null']) {
      writeFileSync(join(directory, 'live.json'), text);
      expect(await readLive(directory)).toEqual([]);
    }
  });
});

describe('what is kept', () => {
  test('what was used within the time, up to the count, and always what is live', async () => {
    const ages = { old: 8, week: 6.9, day: 1, hour: 0.04, live: 30 };
    const digests = Object.fromEntries(Object.keys(ages).map((name) => [name, digestOfText(name)]));
    for (const [name, days] of Object.entries(ages)) {
      await saveBundle(directory, bundle(name));
      await markUsed(directory, digestOfText(name), NOW_MS - days * DAY_MS);
    }
    await pointLive(directory, { digest: digestOfText('live'), commit: 'live', since: 0 });
    writeFileSync(join(directory, 'x.bundle.0a.partial'), '');
    expect(await deleteOldBundles(directory, NOW_MS)).toEqual([digests.old]);
    expect(await deleteOldBundles(directory, NOW_MS, { keepMs: 7 * DAY_MS, countMax: 2 })).toEqual([
      digests.day,
      digests.week,
    ]);
    const kept = ['hour', 'live'].map((name) => `${digestOfText(name).slice('sha256:'.length)}.bundle`);
    expect((await readdir(directory)).sort()).toEqual([...kept, 'live.json'].sort());
  });

  test('of a directory that is not there, nothing', async () => {
    expect(await deleteOldBundles(join(directory, 'none'), NOW_MS)).toEqual([]);
  });
});
