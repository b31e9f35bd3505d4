import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { type Digest, digestOfText } from '../../core/base/digest.ts';
import type { Bundle } from './bundle-file.ts';
import { decodeBundle, encodeBundle } from './bundle-file.ts';
import {
  deleteOldBundles,
  loadBundle,
  loadServed,
  markUsed,
  pointLive,
  readLive,
  type ServedBundle,
  saveBundle,
} from './bundles.ts';

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

/** Saves bundles, the latest last, and points to each in turn. */
async function serve(...all: readonly { readonly saved: Bundle; readonly taken: boolean }[]): Promise<ServedBundle[]> {
  const served: ServedBundle[] = [];
  for (const { saved, taken } of all) {
    const live = { digest: saved.manifest.digest, commit: saved.manifest.commit, taken, since: NOW_MS };
    await saveBundle(directory, saved);
    await pointLive(directory, live);
    served.push({ live, bundle: saved });
  }
  return served;
}

const noneFrozen = (): boolean => false;

describe('what is live', () => {
  test('is nothing at first', async () => {
    expect(await readLive(directory)).toEqual([]);
    expect(await loadServed(directory, noneFrozen)).toEqual({ served: [], damaged: [] });
  });

  test('is the last that was pointed to; those before it are remembered once', async () => {
    const pointers = ['a', 'b', 'a'].map((name, index) => ({
      ...{ digest: digestOfText(name), commit: name },
      ...{ taken: true, since: index },
    }));
    for (const pointer of pointers) await pointLive(directory, pointer);
    expect(await readLive(directory)).toEqual([pointers[2], pointers[1]]);
  });

  test('comes alone when a proxy took it, else with what served before, down to one that a proxy took', async () => {
    const [_first, second, third, fourth] = await serve(
      { saved: bundle('a'), taken: true },
      { saved: bundle('b'), taken: true },
      { saved: bundle('c'), taken: false },
      { saved: bundle('d'), taken: false },
    );
    expect(await loadServed(directory, noneFrozen)).toEqual({ served: [fourth, third, second], damaged: [] });
    expect(await loadServed(directory, (digest) => digest === fourth?.live.digest)).toEqual({
      ...{ served: [third, second], damaged: [] },
    });
    await pointLive(directory, { ...present(fourth, 'the last').live, taken: true });
    expect((await loadServed(directory, noneFrozen)).served.map(({ live }) => live.commit)).toEqual(['commit-of-d']);
  });

  test('falls back to the one before when it is damaged or gone, and says so', async () => {
    const [first, second, third] = await serve(
      { saved: bundle('a'), taken: true },
      { saved: bundle('b'), taken: true },
      { saved: bundle('c'), taken: true },
    );
    damage(present(third, 'the last').live.digest);
    await rm(pathOf(present(second, 'the one before').live.digest));
    const { served, damaged } = await loadServed(directory, noneFrozen);
    expect(served).toEqual([first]);
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
    await pointLive(directory, { digest: digestOfText('live'), commit: 'live', taken: true, since: 0 });
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

  test('that cannot be deleted are a failure of the disk and nothing worse', async () => {
    await symlink(join(directory, 'none'), pathOf(digestOfText('lost')));
    await expect(deleteOldBundles(directory, NOW_MS)).rejects.toMatchObject({
      ...{ name: 'StoreError', code: 'store-unwritable' },
    });
  });
});
