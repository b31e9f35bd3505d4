import type { Digest } from '../../core/base/digest.ts';
import type { LoadedRevision } from '../../core/decide/loaded-revision.ts';
import type { LiveMark } from '../../core/rollout/revision-ledger.ts';
import { deleteOldBundles, loadBundle, loadServed, markUsed, pointLive, saveBundle } from '../../io/store/bundles.ts';
import { type FrozenRevision, readFrozen, saveFrozen } from '../../io/store/frozen.ts';
import { type KeptProgress, readProgress, saveProgress } from '../../io/store/rollout-progress.ts';
import { StoreError } from '../../io/store/store-error.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { type Bundle, bundleOfParts, bundleParts } from '../revision/bundle.ts';
import type { RolloutBefore } from './rollout-before.ts';

/** The bundles of this process: in memory for the decider, on disk for the next start and for explaining records. */
export interface BundleShelf {
  /** Saves the bundle where it is not there yet, and makes the decider hold it. */
  readonly hold: (bundle: Bundle) => Promise<void>;
  /** Makes the decider hold the bundle of a digest, from wherever it is. Throws where it is nowhere to be had. */
  readonly obtain: (digest: Digest) => Promise<void>;
  /** The same for one that it was asked for and does not hold. Whoever asks next finds it, if it is there. */
  readonly recall: (digest: string) => void;
  /** Says that a bundle is the one to start from. */
  readonly keep: (bundle: Bundle, live: LiveMark) => Promise<void>;
  /** Says what is frozen, also for the next start. */
  readonly keepFrozen: (frozen: readonly FrozenRevision[]) => Promise<void>;
  /** Says how far the rollout is, also for the next start. */
  readonly keepProgress: (progress: KeptProgress) => Promise<void>;
  /** What the process before this one left. */
  readonly before: () => Promise<RolloutBefore>;
  /** The bundle of a record's digest, undefined when it is gone. */
  readonly find: (digest: Digest) => Promise<Bundle | undefined>;
  /** Why the last change could not be written; undefined where it could. What is in memory serves all the same. */
  readonly failure: () => string | undefined;
}

export interface ShelfOptions {
  readonly directory: string;
  readonly decider: Holder;
  /** The digests that proxies name, or may be asked to name at any moment: they are never forgotten. */
  readonly inUse: () => Iterable<string>;
  /** Where a bundle comes from that is not on the disk; undefined for one that is not there either. */
  readonly fetch?: (digest: Digest) => Promise<Bundle | undefined>;
  /** Hears of every bundle that could not be read, and of every change that could not be written. */
  readonly onFailure: (cause: unknown) => void;
}

/** As far as the shelf knows the decider. */
interface Holder {
  readonly hold: (loaded: LoadedRevision) => void;
  readonly forget: (digest: string) => void;
  readonly held: () => readonly string[];
}

/** Revisions in memory beside those in use: a proxy that lost its xDS stream goes on naming an older one. */
const HELD_MAX = 16;
/** Bundles that are read from the disk at one time because a proxy named them. */
const RECALLS_MAX = 4;
/** Digests that are known not to be on the disk, so that no request of such a proxy looks again. */
const MISSING_MAX = 1_000;

export function createBundleShelf({ directory, decider, inUse, fetch, onFailure }: ShelfOptions): BundleShelf {
  const { write, failure } = diskWriter(onFailure);
  const missing = new Set<string>();
  const holdInMemory = async (bundle: Bundle): Promise<void> => {
    const loaded = await loadBundleForDecisions(bundle);
    // To the end of the decider's list: the oldest are forgotten first.
    decider.forget(bundle.digest);
    decider.hold(loaded);
    const needed = new Set(inUse());
    const others = decider.held().filter((digest) => !needed.has(digest));
    for (const digest of others.slice(0, -HELD_MAX)) decider.forget(digest);
  };
  const tidy = async (nowMs: number): Promise<void> => {
    for (const digest of inUse()) await markUsed(directory, digest as Digest, nowMs);
    await deleteOldBundles(directory, nowMs);
  };
  const hold = async (bundle: Bundle): Promise<void> => {
    const nowMs = Date.now();
    await write(async () => {
      if ((await findBundle(directory, bundle.digest))?.commit !== bundle.commit) {
        const manifest = { digest: bundle.digest, commit: bundle.commit, createdAt: nowMs };
        await saveBundle(directory, { manifest, parts: bundleParts(bundle) });
      }
      await tidy(nowMs);
    });
    await holdInMemory(bundle);
    missing.delete(bundle.digest);
  };
  const obtain = async (digest: Digest): Promise<void> => {
    if (decider.held().includes(digest)) return;
    try {
      await holdInMemory(await readBundle(directory, digest));
    } catch (cause) {
      const bundle = cause instanceof StoreError ? await fetch?.(digest) : undefined;
      if (bundle === undefined) throw cause;
      await hold(bundle);
    }
  };
  return {
    hold,
    obtain,
    recall: recaller(obtain, missing, onFailure),
    keep: (bundle, { commit, taken }) =>
      write(async () => {
        const nowMs = Date.now();
        await pointLive(directory, { digest: bundle.digest, commit, taken, since: nowMs });
        await tidy(nowMs);
      }),
    keepFrozen: (frozen) => write(() => saveFrozen(directory, frozen)),
    keepProgress: (progress) => write(() => saveProgress(directory, progress)),
    before: async () => {
      const frozen = await readFrozen(directory);
      const { served, damaged } = await loadServed(directory, (digest) =>
        frozen.some((each) => each.digest === digest),
      );
      for (const error of damaged) onFailure(error);
      const bundles = served.map(({ live: { digest, commit, taken }, bundle }) => ({
        bundle: bundleOfParts(digest, commit, bundle.parts),
        taken,
      }));
      const progress = await readProgress(directory);
      const candidate = progress.rollout && (await findBundle(directory, progress.rollout.digest));
      return { served: bundles, frozen, progress, ...(candidate === undefined ? {} : { candidate }) };
    },
    find: (digest) => findBundle(directory, digest),
    failure,
  };
}

async function readBundle(directory: string, digest: Digest): Promise<Bundle> {
  const { manifest, parts } = await loadBundle(directory, digest);
  return bundleOfParts(digest, manifest.commit, parts);
}

async function findBundle(directory: string, digest: Digest): Promise<Bundle | undefined> {
  try {
    return await readBundle(directory, digest);
  } catch (cause) {
    if (cause instanceof StoreError) return undefined;
    throw cause;
  }
}

/** Obtains each digest once at a time, few at one time, and never again one that is nowhere. */
function recaller(
  obtain: (digest: Digest) => Promise<void>,
  missing: Set<string>,
  onFailure: (cause: unknown) => void,
): (digest: string) => void {
  const underWay = new Set<string>();
  return (digest) => {
    if (underWay.size >= RECALLS_MAX || underWay.has(digest) || missing.has(digest)) return;
    underWay.add(digest);
    obtain(digest as Digest)
      .catch((cause: unknown) => {
        if (missing.size >= MISSING_MAX) missing.clear();
        if (cause instanceof StoreError && cause.code === 'store-missing') missing.add(digest);
        onFailure(cause);
      })
      .finally(() => underWay.delete(digest));
  };
}

/**
 * Runs one change of the disk after the other: two at a time would read the same pointers and lose one. A disk that takes
 * none must stop nobody from serving, least of all from going back to what served before: `failure` says so.
 */
function diskWriter(onFailure: (cause: unknown) => void): Pick<BundleShelf, 'failure'> & {
  readonly write: (change: () => Promise<void>) => Promise<void>;
} {
  let last: Promise<void> = Promise.resolve();
  let failure: string | undefined;
  const attempt = async (change: () => Promise<void>): Promise<void> => {
    try {
      await change();
      failure = undefined;
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause;
      failure = cause.message;
      onFailure(cause);
    }
  };
  const write = (change: () => Promise<void>): Promise<void> => {
    const next = last.then(() => attempt(change));
    last = next.catch(() => undefined);
    return next;
  };
  return { write, failure: () => failure };
}
