import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSequence, type Batch, type BatchLimits, createBatch, removeSequence } from './batch.ts';
import { finishStep, planStep } from './batch-step.ts';
import { usedBlocks } from './kv-cache.ts';

/** So little of everything that sequences queue, are cut in chunks and are preempted. */
const LIMITS: BatchLimits = { blockTokens: 16, blocks: 14, sequencesMax: 4, stepTokensMax: 64, adaptersMax: 1 };
const SPEED = { prefillTokensPerSecond: 10_000, decodeTokensPerSecond: 100, scale: 1 };

interface Arrival {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly prompt: string;
  readonly adapter: string | undefined;
  readonly atStep: number;
  readonly leavesAtStep: number | undefined;
}

const arrivalArbitrary: fc.Arbitrary<Arrival> = fc.record({
  promptTokens: fc.integer({ min: 1, max: 150 }),
  outputTokens: fc.integer({ min: 1, max: 40 }),
  prompt: fc.constantFrom('a', 'b', 'c'),
  adapter: fc.constantFrom(undefined, 'law', 'code'),
  atStep: fc.integer({ min: 0, max: 60 }),
  leavesAtStep: fc.option(fc.integer({ min: 0, max: 80 }), { freq: 5, nil: undefined }),
});

/** Runs arrivals and departures: the token indexes of each, who left early, the blocks after each step. */
function runTraffic(batch: Batch, arrivals: readonly Arrival[]) {
  const indexes: number[][] = arrivals.map(() => []);
  const left = new Set<number>();
  const blocks: ReturnType<typeof countBlocks>[] = [];
  for (let count = 0; count <= 80 || batch.running.length + batch.waiting.length > 0; count += 1) {
    for (const [id, { promptTokens, outputTokens, prompt, adapter }] of arrivals.entries()) {
      const text = prompt.repeat((promptTokens + outputTokens) * 4);
      if (arrivals[id]?.atStep === count)
        addSequence(batch, { id, arrivedMs: 0, promptTokens, outputTokens, text, adapter });
    }
    const step = planStep(batch) ?? { durationMs: 0, work: [] };
    const leaving = arrivals.keys().filter((id) => arrivals[id]?.leavesAtStep === count);
    for (const id of leaving.filter((leaver) => removeSequence(batch, leaver))) left.add(id);
    for (const event of finishStep(batch, step)) indexes[event.id]?.push(event.index);
    blocks.push(countBlocks(batch));
  }
  return { indexes, left, blocks };
}

/** Blocks as the cache counts them, and as the sequences do. */
function countBlocks(batch: Batch) {
  const holdings = [...batch.running, ...batch.waiting].map((sequence) => sequence.holding);
  const references = batch.cache.shared.values().reduce((sum, holders) => sum + holders, 0);
  return {
    byCache: [batch.cache.privateBlocks, references],
    bySequences: [
      holdings.reduce((sum, holding) => sum + holding.privateBlocks, 0),
      holdings.reduce((sum, holding) => sum + holding.sharedBlocks, 0),
    ],
    total: usedBlocks(batch.cache) + batch.cache.idle.size,
  };
}

test('every sequence is answered once and in full, and no block is lost, for any mix of arrivals and departures', () => {
  fc.assert(
    fc.property(fc.array(arrivalArbitrary, { maxLength: 12 }), (arrivals) => {
      const batch = createBatch(LIMITS, SPEED);
      const { indexes, left, blocks } = runTraffic(batch, arrivals);
      const lengths = arrivals.map(({ outputTokens }, id) => (left.has(id) ? indexes[id]?.length : outputTokens));
      expect(indexes).toEqual(lengths.map((length) => Array.from({ length: length ?? 0 }, (_, index) => index)));
      expect(blocks.filter(({ byCache, bySequences }) => String(byCache) !== String(bySequences))).toEqual([]);
      expect(Math.max(...blocks.map(({ total }) => total))).toBeLessThanOrEqual(LIMITS.blocks);
      expect(usedBlocks(batch.cache)).toBe(0);
    }),
    { numRuns: 60 },
  );
});
