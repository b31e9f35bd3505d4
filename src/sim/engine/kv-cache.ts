import { assert } from '../../core/base/assert.ts';
import { hash32 } from '../../core/base/rng.ts';
import { fullBlocks } from '../openai/tokens.ts';

/**
 * The blocks of a GPU's KV memory. A full block is known by the hash of all text up to its end, so that sequences
 * with a common beginning share it; once nobody holds it, it stays until its place is needed (least recently used goes).
 */
export interface KvCache {
  readonly blocks: number;
  readonly blockTokens: number;
  /** Blocks with a hash that sequences hold, with the number of holders. */
  readonly shared: Map<number, number>;
  /** Blocks with a hash that nobody holds, the least recently used first. */
  readonly idle: Set<number>;
  /** Blocks held by one sequence that have no hash yet. */
  privateBlocks: number;
}

/** What one sequence holds: the first `sharedBlocks` of its hashes, and some blocks of its own. */
export interface KvHolding {
  readonly hashes: readonly number[];
  sharedBlocks: number;
  privateBlocks: number;
}

export function createKvCache(blocks: number, blockTokens: number): KvCache {
  return { blocks, blockTokens, shared: new Map(), idle: new Set(), privateBlocks: 0 };
}

/** One hash per full block of the text, each over everything before it too; `salt` keeps adapters apart. */
export function blockHashes(text: string, salt: string, blockTokens: number): number[] {
  const hashes: number[] = [];
  let previous = hash32(salt);
  for (const block of fullBlocks(text, blockTokens)) {
    // 53 bits of two hashes: at 32 bits two of ten thousand blocks would often be taken for one.
    previous = hash32(`${previous}:${block}`) * 2 ** 21 + (hash32(`${block}:${previous}`) >>> 11);
    hashes.push(previous);
  }
  return hashes;
}

/** How many of the first `blocksMax` hashes are in the cache without a gap. */
export function matchPrefix(cache: KvCache, hashes: readonly number[], blocksMax: number): number {
  const end = Math.min(hashes.length, blocksMax);
  let matched = 0;
  while (matched < end && has(cache, hashes[matched])) matched += 1;
  return matched;
}

/** Holds the first `blocks` hashes, all of which are in the cache, for a sequence that holds nothing. */
export function holdPrefix(cache: KvCache, holding: KvHolding, blocks: number): void {
  assert(holding.sharedBlocks === 0, 'a sequence takes its prefix once');
  for (const hash of holding.hashes.slice(0, blocks)) retain(cache, hash);
  holding.sharedBlocks = blocks;
}

/** Makes room for so many tokens of the sequence; false, with nothing changed, when the cache is too full for it. */
export function reserveTokens(cache: KvCache, holding: KvHolding, tokens: number): boolean {
  const more = Math.ceil(tokens / cache.blockTokens) - holding.sharedBlocks - holding.privateBlocks;
  if (more <= 0) return true;
  if (cache.blocks - usedBlocks(cache) < more) return false;
  cache.privateBlocks += more;
  holding.privateBlocks += more;
  evictIdle(cache);
  return true;
}

/** Gives every block that the computed tokens have filled its hash, so that others can share it. */
export function shareFullBlocks(cache: KvCache, holding: KvHolding, computedTokens: number): void {
  while ((holding.sharedBlocks + 1) * cache.blockTokens <= computedTokens) {
    const hash = holding.hashes[holding.sharedBlocks];
    if (hash === undefined) return;
    holding.privateBlocks -= 1;
    cache.privateBlocks -= 1;
    retain(cache, hash);
    holding.sharedBlocks += 1;
  }
}

/** Lets go of everything the sequence holds; its blocks with a hash stay, the last of them the first to be evicted. */
export function releaseHolding(cache: KvCache, holding: KvHolding): void {
  for (const hash of holding.hashes.slice(0, holding.sharedBlocks).reverse()) {
    const holders = cache.shared.get(hash) ?? 0;
    assert(holders > 0, 'a held block has holders');
    if (holders > 1) {
      cache.shared.set(hash, holders - 1);
    } else {
      cache.shared.delete(hash);
      cache.idle.add(hash);
    }
  }
  cache.privateBlocks -= holding.privateBlocks;
  holding.sharedBlocks = 0;
  holding.privateBlocks = 0;
}

/** Blocks that sequences hold; what is idle counts as free, as in vLLM. */
export function usedBlocks(cache: KvCache): number {
  return cache.shared.size + cache.privateBlocks;
}

function has(cache: KvCache, hash: number | undefined): boolean {
  return hash !== undefined && (cache.shared.has(hash) || cache.idle.has(hash));
}

function retain(cache: KvCache, hash: number): void {
  cache.idle.delete(hash);
  cache.shared.set(hash, (cache.shared.get(hash) ?? 0) + 1);
}

function evictIdle(cache: KvCache): void {
  const excess = usedBlocks(cache) + cache.idle.size - cache.blocks;
  for (const hash of cache.idle.values().take(Math.max(0, excess)).toArray()) cache.idle.delete(hash);
}
