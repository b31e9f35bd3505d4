import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../core/base/digest.ts';
import { type Bundle, decodeBundle, encodeBundle } from './bundle-file.ts';
import { PARTIAL_ENDING, replaceFile } from './replace-file.ts';
import { StoreError } from './store-error.ts';

/** What serves: the digest of a bundle, from which commit, since when (milliseconds since the epoch). */
export interface LivePointer {
  readonly digest: Digest;
  readonly commit: string;
  /** Whether a proxy ever acknowledged it. */
  readonly taken: boolean;
  readonly since: number;
}

export interface ServedBundle {
  readonly live: LivePointer;
  readonly bundle: Bundle;
}

export interface BundleLimits {
  /** A bundle that was saved, loaded or marked within this time is kept. */
  readonly keepMs: number;
  /** How many are kept at most, the latest used first. */
  readonly countMax: number;
}

/** A proxy may come back with a digest that it used a week ago; a hundred revisions are some hundred megabytes. */
const BUNDLE_LIMITS: BundleLimits = { keepMs: 7 * 86_400_000, countMax: 128 };

/** Pointers to what served before: where a start goes when the live bundle is damaged. */
const PREVIOUS_MAX = 8;
const BUNDLE_ENDING = '.bundle';
const LIVE_FILE = 'live.json';

/** Saves a bundle under its digest, over an older one of the same digest. @throws StoreError `store-unwritable` */
export async function saveBundle(directory: string, bundle: Bundle): Promise<void> {
  await makeDirectory(directory);
  await replaceFile(bundlePath(directory, bundle.manifest.digest), encodeBundle(bundle));
}

/** The bundle of a digest, whole and as it was saved. @throws StoreError `store-missing`, `store-corrupt` */
export async function loadBundle(directory: string, digest: Digest): Promise<Bundle> {
  const file = await readBytes(bundlePath(directory, digest));
  if (file === undefined) throw new StoreError('store-missing', `there is no bundle ${digest}`);
  const bundle = decodeBundle(file);
  if (bundle?.manifest.digest !== digest) throw new StoreError('store-corrupt', `the bundle ${digest} is damaged`);
  return bundle;
}

/** The file of a bundle as it stands on the disk, undefined where it is not there, or not whole. */
export async function readBundleFile(directory: string, digest: Digest): Promise<Uint8Array | undefined> {
  try {
    return Buffer.concat(encodeBundle(await loadBundle(directory, digest)));
  } catch (cause) {
    if (cause instanceof StoreError) return undefined;
    throw cause;
  }
}

/** Says what serves from now on. What served before is remembered. @throws StoreError `store-unwritable` */
export async function pointLive(directory: string, live: LivePointer): Promise<void> {
  await makeDirectory(directory);
  const before = (await readPointers(directory)).filter(({ digest }) => digest !== live.digest);
  const pointers = [live, ...before.slice(0, PREVIOUS_MAX)];
  await replaceFile(join(directory, LIVE_FILE), [Buffer.from(`${JSON.stringify(pointers, null, 2)}\n`)]);
}

/** What serves, the latest first; empty where nothing ever did, or where the pointer file is damaged. */
export async function readLive(directory: string): Promise<readonly LivePointer[]> {
  return await readPointers(directory);
}

/**
 * The bundles to start from: the live one, and behind one that no proxy took those that served before it, down to one
 * that a proxy took. `isFrozen` ones are passed over; so are damaged ones, and `damaged` says why.
 */
export async function loadServed(
  directory: string,
  isFrozen: (digest: Digest) => boolean,
): Promise<{ readonly served: readonly ServedBundle[]; readonly damaged: readonly StoreError[] }> {
  const served: ServedBundle[] = [];
  const damaged: StoreError[] = [];
  for (const live of await readPointers(directory)) {
    if (isFrozen(live.digest)) continue;
    try {
      served.push({ live, bundle: await loadBundle(directory, live.digest) });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      damaged.push(error);
      continue;
    }
    if (live.taken) break;
  }
  return { served, damaged };
}

/** Says that a digest is in use at this time, so that it is kept. */
export async function markUsed(directory: string, digest: Digest, nowMs: number): Promise<void> {
  const seconds = nowMs / 1000;
  await utimes(bundlePath(directory, digest), seconds, seconds).catch(() => undefined);
}

/**
 * Deletes what nobody used for long, what is above the count, and half-written files. What is live now is kept.
 * @returns the digests that were deleted
 * @throws StoreError `store-unwritable`
 */
export async function deleteOldBundles(
  directory: string,
  nowMs: number,
  limits: BundleLimits = BUNDLE_LIMITS,
): Promise<Digest[]> {
  try {
    return await deleteOld(directory, nowMs, limits);
  } catch (cause) {
    throw untidy(directory, cause);
  }
}

function untidy(directory: string, cause: unknown): StoreError {
  return new StoreError('store-unwritable', `cannot tidy ${directory}`, { cause });
}

async function deleteOld(directory: string, nowMs: number, limits: BundleLimits): Promise<Digest[]> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => each.endsWith(PARTIAL_ENDING)))
    await rm(join(directory, name), { force: true });
  const live = (await readPointers(directory))[0]?.digest;
  const stored = await Promise.all(
    names.filter((name) => name.endsWith(BUNDLE_ENDING)).map((name) => usedAt(directory, name)),
  );
  const others = stored.filter(({ digest }) => digest !== live).sort((left, right) => right.usedMs - left.usedMs);
  const room = limits.countMax - (stored.length - others.length);
  const old = others.filter(({ usedMs }, index) => index >= room || usedMs < nowMs - limits.keepMs);
  for (const { digest } of old) await rm(bundlePath(directory, digest), { force: true });
  return old.map(({ digest }) => digest);
}

function bundlePath(directory: string, digest: Digest): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new StoreError('store-missing', 'a bundle is named by its digest');
  return join(directory, `${digest.slice('sha256:'.length)}${BUNDLE_ENDING}`);
}

async function usedAt(directory: string, name: string): Promise<{ digest: Digest; usedMs: number }> {
  const { mtimeMs } = await stat(join(directory, name));
  return { digest: `sha256:${name.slice(0, -BUNDLE_ENDING.length)}`, usedMs: mtimeMs };
}

async function readPointers(directory: string): Promise<LivePointer[]> {
  const file = await readBytes(join(directory, LIVE_FILE));
  try {
    const pointers: unknown = file === undefined ? [] : JSON.parse(file.toString('utf8'));
    return Array.isArray(pointers) ? pointers.filter(isPointer) : [];
  } catch {
    return [];
  }
}

function isPointer(value: unknown): value is LivePointer {
  const pointer = value as Partial<LivePointer> | null;
  const { digest, commit, taken, since } = pointer ?? {};
  const isText = typeof digest === 'string' && typeof commit === 'string';
  return isText && typeof taken === 'boolean' && typeof since === 'number';
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): StoreError {
  return new StoreError('store-corrupt', `cannot read ${path}`, { cause });
}

async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new StoreError('store-unwritable', `cannot make ${directory}`, { cause });
  });
}
