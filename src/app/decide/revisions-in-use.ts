import type { Digest } from '../../core/base/digest.ts';
import type { PoolRow } from '../../core/tables/tables.ts';
import type { InUse } from '../../io/bundles/bundle-messages.ts';
import type { Decider, Standing } from '../decider/decider.ts';
import type { EnginePools } from '../decider/watch-engines.ts';

/** The revisions by which proxies may ask this process, as its control plane said last. */
export interface RevisionsInUse {
  /** All that proxies may name. */
  readonly digests: () => readonly Digest[];
  readonly standing: () => Standing;
  /** Whether all is held that proxies must be able to name here. */
  readonly isComplete: () => boolean;
  /** Obtains what is not held yet, and goes by it then. What is said meanwhile replaces what was said before. */
  readonly follow: (inUse: InUse) => void;
  /** The same once, and awaited: what a process before this one left. */
  readonly start: (inUse: InUse) => Promise<void>;
}

export interface InUseOptions {
  readonly decider: Pick<Decider, 'held' | 'revision'>;
  readonly obtain: (digest: Digest) => Promise<void>;
  /** What is in use is obtained, as far as it is to be had. */
  readonly onFollowed: (inUse: InUse, pools: EnginePools) => void;
  /** Hears of each digest that could not be had. */
  readonly onMissing: (digest: Digest, cause: unknown) => void;
}

const NOTHING: InUse = { live: undefined, candidate: undefined, needed: [], named: [] };
/** Between two tries to get what proxies need. */
const RETRY_MS = 1_000;

export function createRevisionsInUse({ decider, obtain, onFollowed, onMissing }: InUseOptions): RevisionsInUse {
  let current = NOTHING;
  let wanted: InUse | undefined;
  let isBusy = false;
  let wake: () => void = () => undefined;
  const holds = (digest: Digest) => decider.held().includes(digest);
  const go = async (inUse: InUse): Promise<void> => {
    for (const digest of [...inUse.needed, ...inUse.named]) {
      await obtain(digest).catch((cause: unknown) => onMissing(digest, cause));
      // Something newer was said: it is not to wait for what may be of no use any more.
      if (wanted !== undefined) return;
    }
    current = inUse;
    onFollowed(inUse, poolsOf(inUse, decider));
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, RETRY_MS).unref();
    });
  const run = async (): Promise<void> => {
    isBusy = true;
    for (let inUse = wanted; inUse !== undefined; inUse = wanted) {
      wanted = undefined;
      await go(inUse);
      if (wanted === undefined && !inUse.needed.every(holds)) {
        await pause();
        wanted ??= inUse;
      }
    }
    isBusy = false;
  };
  return {
    digests: () => [...current.needed, ...current.named],
    standing: () => current,
    isComplete: () => current.live !== undefined && current.needed.every(holds),
    follow: (inUse) => {
      wanted = inUse;
      wake();
      if (!isBusy) void run();
    },
    start: go,
  };
}

/** The engines of what serves and of what is on its way: both may send requests there. */
function poolsOf({ live, candidate }: InUse, { revision }: InUseOptions['decider']): EnginePools {
  const pools: Record<string, PoolRow> = {};
  for (const digest of [live, candidate]) {
    for (const [name, row] of (digest === undefined ? undefined : revision(digest))?.revision.pools ?? []) {
      const endpoints = new Set([...(pools[name]?.endpoints ?? []), ...row.endpoints]);
      pools[name] = { ...row, endpoints: [...endpoints] };
    }
  }
  return { pools };
}
