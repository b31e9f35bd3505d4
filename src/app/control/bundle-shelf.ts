import type { Digest } from '../../core/base/digest.ts';
import type { LoadedRevision } from '../../core/decide/loaded-revision.ts';
import { deleteOldBundles, loadBundle, loadLive, markUsed, pointLive, saveBundle } from '../../io/store/bundles.ts';
import { StoreError } from '../../io/store/store-error.ts';
import { loadBundleForDecisions } from '../decider/load-bundle.ts';
import { type Bundle, bundleOfParts, bundleParts } from '../revision/bundle.ts';

/** The bundles of this process: in memory for the decider, on disk for the next start and for explaining records. */
export interface BundleShelf {
  /** Saves the bundle and makes the decider hold it. */
  readonly hold: (bundle: Bundle) => Promise<void>;
  /** Says that a bundle is the one to start from. */
  readonly keep: (bundle: Bundle, commit: string) => Promise<void>;
  /** What served before this start; `onDamaged` hears of every bundle that could not be read. */
  readonly lastGood: (onDamaged: (damaged: StoreError) => void) => Promise<Bundle | undefined>;
  /** The bundle of a record's digest, undefined when it is gone. */
  readonly find: (digest: Digest) => Promise<Bundle | undefined>;
}

/** As far as the shelf knows the decider. */
interface Holder {
  readonly hold: (loaded: LoadedRevision) => void;
  readonly forget: (digest: string) => void;
  readonly held: () => readonly string[];
}

/** Revisions in memory: proxies name the live one and, for the moment of a push, the one before; a revert names an older one. */
const HELD_MAX = 16;

export function createBundleShelf(directory: string, decider: Holder): BundleShelf {
  return {
    hold: async (bundle) => {
      await saveBundle(directory, {
        manifest: { digest: bundle.digest, commit: bundle.commit, createdAt: Date.now() },
        parts: bundleParts(bundle),
      });
      decider.forget(bundle.digest);
      decider.hold(await loadBundleForDecisions(bundle));
      for (const digest of decider.held().slice(0, -HELD_MAX)) decider.forget(digest);
    },
    keep: async (bundle, commit) => {
      const nowMs = Date.now();
      await pointLive(directory, { digest: bundle.digest, commit, since: nowMs });
      await markUsed(directory, bundle.digest, nowMs);
      await deleteOldBundles(directory, nowMs);
    },
    lastGood: async (onDamaged) => {
      const { found, damaged } = await loadLive(directory);
      for (const error of damaged) onDamaged(error);
      return found && bundleOfParts(found.live.digest, found.live.commit, found.bundle.parts);
    },
    find: async (digest) => {
      try {
        const { manifest, parts } = await loadBundle(directory, digest);
        return bundleOfParts(digest, manifest.commit, parts);
      } catch (cause) {
        if (cause instanceof StoreError) return undefined;
        throw cause;
      }
    },
  };
}
