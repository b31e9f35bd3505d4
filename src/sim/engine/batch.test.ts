import { describe, expect, test } from 'vitest';
import { addSequence, type Batch, type BatchLimits, createBatch, type NewSequence, removeSequence } from './batch.ts';
import { finishStep, planStep } from './batch-step.ts';
import { usedBlocks } from './kv-cache.ts';

const LIMITS: BatchLimits = { blockTokens: 16, blocks: 1_000, sequencesMax: 4, stepTokensMax: 2_048, adaptersMax: 1 };
const SPEED = { prefillTokensPerSecond: 10_000, decodeTokensPerSecond: 100, scale: 1 };

/** A text of so many tokens, without repetition, that begins in its own way. */
function textOf(tokens: number, name: string): string {
  return Array.from({ length: tokens }, (_, index) => `${name}${index}....`.slice(0, 4)).join('');
}

function request(id: number, promptTokens: number, outputTokens: number, more: Partial<NewSequence> = {}): NewSequence {
  return { id, arrivedMs: 0, promptTokens, outputTokens, text: textOf(promptTokens + outputTokens, `${id}-`), ...more };
}

interface Timeline {
  readonly first: Record<number, number>;
  readonly last: Record<number, number>;
  readonly cached: Record<number, number>;
}

/** Steps the batch from time 0 until nothing is left to do: milliseconds of each sequence's first and last token. */
function run(batch: Batch): Timeline {
  const timeline: Timeline = { first: {}, last: {}, cached: {} };
  let nowMs = 0;
  for (let step = planStep(batch); step !== undefined; step = planStep(batch)) {
    nowMs += step.durationMs;
    for (const event of finishStep(batch, step)) {
      if (event.index === 0) timeline.first[event.id] = Math.round(nowMs);
      if (event.last) timeline.last[event.id] = Math.round(nowMs);
      timeline.cached[event.id] = event.cachedTokens;
    }
  }
  return timeline;
}

function runAll(requests: readonly NewSequence[], limits: Partial<BatchLimits> = {}, scale = 1): Timeline {
  const batch = createBatch({ ...LIMITS, ...limits }, { ...SPEED, scale });
  for (const added of requests) addSequence(batch, added);
  return run(batch);
}

describe('time', () => {
  test('one sequence: its prompt at the rate of prefill, then a token per step', () => {
    expect(runAll([request(1, 1_000, 11)])).toEqual({ first: { 1: 100 }, last: { 1: 200 }, cached: { 1: 0 } });
  });

  test.each([
    { scale: 1, first: 100, last: 200 },
    { scale: 0.4, first: 250, last: 500 },
    { scale: 2, first: 50, last: 100 },
  ])('a GPU of scale $scale takes proportionally long', ({ scale, first, last }) => {
    const timeline = runAll([request(1, 1_000, 11)], {}, scale);
    expect([timeline.first[1], timeline.last[1]]).toEqual([first, last]);
  });

  test('a prompt longer than the budget of a step is computed in chunks, and a second one waits for its share', () => {
    const timeline = runAll([request(1, 3_000, 1), request(2, 1_000, 1)]);
    // 2,048 in the first step; 952 and the whole second prompt in the second.
    expect(timeline.first).toEqual({ 1: 400, 2: 400 });
  });

  test('a prefill in the batch delays the tokens of a decoding sequence', () => {
    const batch = createBatch(LIMITS, SPEED);
    addSequence(batch, request(1, 1_000, 2));
    const prefill = planStep(batch);
    addSequence(batch, request(2, 2_000, 1));
    const events = [finishStep(batch, prefill ?? { durationMs: 0, work: [] })];
    const mixed = planStep(batch);
    expect({ first: prefill?.durationMs, events, mixed }).toEqual({
      first: 100,
      events: [[{ id: 1, index: 0, cachedTokens: 0, last: false }]],
      mixed: {
        durationMs: 210,
        work: [
          { id: 1, tokens: 1 },
          { id: 2, tokens: 2_000 },
        ],
      },
    });
  });

  test('a step of many decoding sequences is a little slower, and each still gets a token', () => {
    const batch = createBatch({ ...LIMITS, sequencesMax: 100 }, SPEED);
    for (let id = 0; id < 51; id += 1) addSequence(batch, request(id, 16, 2));
    const timeline = run(batch);
    expect(timeline.last[0] ?? 0).toBe(Math.round(51 * 1.6 + 10 * 1.5));
  });
});

describe('queue', () => {
  test('beyond the number of sequences, requests wait for one to leave', () => {
    const timeline = runAll([request(1, 100, 11), request(2, 100, 1), request(3, 100, 1)], { sequencesMax: 2 });
    // Step 1: 20 ms. Then 3 takes the place of 2, in a step of 10 ms for its prompt and 10 ms for the token of 1.
    expect(timeline.first).toEqual({ 1: 20, 2: 20, 3: 40 });
  });

  test('a sequence that finds no KV block waits until the blocks are free', () => {
    const timeline = runAll([request(1, 480, 11), request(2, 480, 1)], { blocks: 40 });
    expect({ first: timeline.first, last: timeline.last }).toEqual({
      first: { 1: 48, 2: 196 },
      last: { 1: 148, 2: 196 },
    });
  });

  test('when a running sequence finds no KV block, the youngest is preempted and still answers in full', () => {
    const batch = createBatch({ ...LIMITS, blocks: 4 }, SPEED);
    addSequence(batch, request(1, 32, 30));
    addSequence(batch, request(2, 31, 30));
    const timeline = run(batch);
    expect({ order: Object.keys(timeline.last).map(Number), preemptions: batch.totals.preemptions }).toEqual({
      order: [1, 2],
      preemptions: 1,
    });
  });

  test('a second adapter waits while the first holds the only place; the base model does not', () => {
    const timeline = runAll([
      request(1, 100, 11, { adapter: 'law' }),
      request(2, 100, 1, { adapter: 'code' }),
      request(3, 100, 1),
    ]);
    expect(timeline.first).toEqual({ 1: 20, 2: 130, 3: 20 });
  });

  test('a removed sequence frees its place and its blocks, also while a step runs', () => {
    const batch = createBatch({ ...LIMITS, sequencesMax: 1 }, SPEED);
    addSequence(batch, request(1, 1_000, 100));
    addSequence(batch, request(2, 100, 1));
    const step = planStep(batch);
    const before = usedBlocks(batch.cache);
    const removed = [removeSequence(batch, 1), removeSequence(batch, 1)];
    const events = finishStep(batch, step ?? { durationMs: 0, work: [] });
    expect({ before, removed, events, used: usedBlocks(batch.cache), rest: run(batch).last }).toEqual({
      before: 63,
      removed: [true, false],
      events: [],
      used: 0,
      rest: { 2: 10 },
    });
  });
});

describe('prefix cache', () => {
  test.each([
    { what: 'the same prompt', text: 'a', promptTokens: 1_024, cached: 1_008, firstMs: 2 },
    { what: 'another prompt', text: 'b', promptTokens: 1_024, cached: 0, firstMs: 102 },
    { what: 'a longer conversation', text: 'a', promptTokens: 1_200, cached: 1_024, firstMs: 18 },
  ])('$what: $cached tokens are cached', ({ text, promptTokens, cached, firstMs }) => {
    const batch = createBatch(LIMITS, SPEED);
    addSequence(batch, request(1, 1_024, 1, { text: textOf(1_025, 'a') }));
    run(batch);
    addSequence(batch, request(2, promptTokens, 1, { text: textOf(promptTokens + 1, text) }));
    const timeline = run(batch);
    expect({ first: timeline.first, cached: timeline.cached, totals: batch.totals }).toEqual({
      first: { 2: firstMs },
      cached: { 2: cached },
      totals: { prefixQueryTokens: 1_024 + promptTokens, prefixHitTokens: cached, preemptions: 0 },
    });
  });

  test('the answer is part of what a next turn finds', () => {
    const batch = createBatch(LIMITS, SPEED);
    const conversation = textOf(400, 'a');
    addSequence(batch, request(1, 160, 161, { text: conversation.slice(0, 321 * 4) }));
    run(batch);
    addSequence(batch, request(2, 390, 1, { text: conversation }));
    expect(run(batch).cached).toEqual({ 2: 320 });
  });

  test('an adapter does not share the cache of the base model', () => {
    const batch = createBatch(LIMITS, SPEED);
    addSequence(batch, request(1, 160, 1, { text: textOf(161, 'a') }));
    run(batch);
    addSequence(batch, request(2, 160, 1, { text: textOf(161, 'a'), adapter: 'law' }));
    expect(run(batch).cached).toEqual({ 2: 0 });
  });

  test('what was used least recently is evicted first', () => {
    const batch = createBatch({ ...LIMITS, blocks: 20 }, SPEED);
    const cached = (id: number, name: string) => {
      addSequence(batch, request(id, 160, 1, { text: textOf(161, name) }));
      return run(batch).cached[id];
    };
    const fill = [cached(1, 'a'), cached(2, 'b'), cached(3, 'a'), cached(4, 'c')];
    expect({ fill, stays: cached(5, 'a'), gone: cached(6, 'b') }).toEqual({
      fill: [0, 0, 144, 0],
      stays: 144,
      gone: 0,
    });
  });
});
