import { assert } from '../../core/base/assert.ts';
import { blockHashes, createKvCache, type KvCache, type KvHolding, releaseHolding } from './kv-cache.ts';
import type { Speed } from './speed.ts';

/** The fixed sizes of one simulated engine. */
export interface BatchLimits {
  readonly blockTokens: number;
  readonly blocks: number;
  /** Sequences that may run at a time (vLLM's `max_num_seqs`). */
  readonly sequencesMax: number;
  /** Tokens computed in one step (vLLM's `max_num_batched_tokens`): a longer prompt is prefilled in chunks. */
  readonly stepTokensMax: number;
  /** Different LoRA adapters that may run at a time (vLLM's `max_loras`). */
  readonly adaptersMax: number;
}

/** One sequence: a prompt of which an answer of known length is generated, token by token. */
export interface Sequence {
  readonly id: number;
  readonly arrivedMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly adapter: string | undefined;
  readonly holding: KvHolding;
  /** Tokens, of prompt and answer, whose keys and values are in the cache. */
  computedTokens: number;
  generatedTokens: number;
  /** Prompt tokens found in the cache when the sequence first ran. */
  cachedTokens: number | undefined;
}

/** Totals since the engine started. */
interface BatchTotals {
  prefixQueryTokens: number;
  prefixHitTokens: number;
  preemptions: number;
}

/** The whole state of a simulated engine; changed only by the functions of this folder, none of which knows a clock. */
export interface Batch {
  readonly limits: BatchLimits;
  speed: Speed;
  readonly cache: KvCache;
  readonly waiting: Sequence[];
  readonly running: Sequence[];
  readonly totals: BatchTotals;
}

export interface NewSequence {
  readonly id: number;
  readonly arrivedMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Prompt and answer as one text: what the prefix cache compares. */
  readonly text: string;
  readonly adapter?: string | undefined;
}

export function createBatch(limits: BatchLimits, speed: Speed): Batch {
  return {
    limits,
    speed,
    cache: createKvCache(limits.blocks, limits.blockTokens),
    waiting: [],
    running: [],
    totals: { prefixQueryTokens: 0, prefixHitTokens: 0, preemptions: 0 },
  };
}

/** The longest prompt plus answer that the engine can hold: a request beyond it must be refused before it is added. */
export function contextTokensMax(limits: BatchLimits): number {
  return limits.blocks * limits.blockTokens;
}

/** Puts a sequence at the end of the waiting queue. */
export function addSequence(batch: Batch, added: NewSequence): void {
  assert(added.promptTokens >= 1, 'a prompt has at least one token');
  assert(added.outputTokens >= 1, 'an answer has at least one token');
  assert(added.promptTokens + added.outputTokens <= contextTokensMax(batch.limits), 'a sequence fits an empty cache');
  batch.waiting.push({
    id: added.id,
    arrivedMs: added.arrivedMs,
    promptTokens: added.promptTokens,
    outputTokens: added.outputTokens,
    adapter: added.adapter,
    holding: {
      hashes: blockHashes(added.text, added.adapter ?? '', batch.limits.blockTokens),
      sharedBlocks: 0,
      privateBlocks: 0,
    },
    computedTokens: 0,
    generatedTokens: 0,
    cachedTokens: undefined,
  });
}

/** Takes a sequence out, wherever it is, and frees its blocks; false when it is not there (any more). */
export function removeSequence(batch: Batch, id: number): boolean {
  for (const queue of [batch.waiting, batch.running]) {
    const index = queue.findIndex((candidate) => candidate.id === id);
    const [sequence] = index < 0 ? [] : queue.splice(index, 1);
    if (sequence !== undefined) {
      releaseHolding(batch.cache, sequence.holding);
      return true;
    }
  }
  return false;
}
