import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { createLedger, endpointLoad, observe, recordFailure, recordUnreachable, reserve } from '../load/ledger.ts';
import type { Candidate } from './candidate.ts';
import { costSeconds, rankEndpoints, waitSeconds } from './rank.ts';
import { CANDIDATES_MAX, sampleCandidates } from './sample.ts';

const idle: Candidate = {
  address: 'a',
  queuedTokens: 0,
  activeRequests: 0,
  prefillTokensPerSecond: 1_000,
  down: false,
};

test.each([
  ['an idle endpoint costs its own prefill', idle, 1_000, 1.5],
  ['a queue stands before it', { ...idle, queuedTokens: 500 }, 1_000, 2],
  ['running answers slow it', { ...idle, activeRequests: 10 }, 1_000, 3],
  ['a slow GPU costs more', { ...idle, prefillTokensPerSecond: 500 }, 1_000, 3],
  ['a KV cache that is half full costs nothing', { ...idle, kvUsage: 0.5 }, 1_000, 1.5],
  ['a full one costs seconds', { ...idle, kvUsage: 1 }, 1_000, 6.5],
])('%s', (_what, candidate, promptTokens, seconds) => {
  expect(costSeconds(candidate, promptTokens)).toBeCloseTo(seconds, 9);
});

test('the wait is the queue alone', () => {
  expect(waitSeconds({ ...idle, queuedTokens: 2_500 })).toBe(2.5);
});

test('the cheapest is first, the others follow by cost, and what is down is left out', () => {
  const candidates = [
    { ...idle, address: 'slow', prefillTokensPerSecond: 100 },
    { ...idle, address: 'down', down: true },
    { ...idle, address: 'busy', queuedTokens: 900 },
    idle,
  ];
  expect(rankEndpoints(candidates, 100, seededRng(1)).map(({ address }) => address)).toEqual(['a', 'busy', 'slow']);
});

test('chance alone decides among equals, and each gets its share', () => {
  const equal = ['a', 'b', 'c', 'd'].map((address) => ({ ...idle, address }));
  const rng = seededRng(7);
  const picks = Array.from({ length: 4_000 }, () => rankEndpoints(equal, 100, rng)[0]?.address);
  for (const { address } of equal) {
    const share = picks.filter((picked) => picked === address).length / picks.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
  }
});

test('a longer queue never makes an endpoint cheaper, and the same arguments give the same ranking', () => {
  const candidate = fc.record({
    address: fc.string(),
    queuedTokens: fc.nat(100_000),
    activeRequests: fc.nat(200),
    prefillTokensPerSecond: fc.integer({ min: 1, max: 50_000 }),
    kvUsage: fc.double({ min: 0, max: 1, noNaN: true }),
    down: fc.boolean(),
  });
  fc.assert(
    fc.property(candidate, fc.nat(10_000), fc.nat(50_000), (base, more, prompt) => {
      const longer = { ...base, queuedTokens: base.queuedTokens + more };
      expect(costSeconds(longer, prompt)).toBeGreaterThanOrEqual(costSeconds(base, prompt));
    }),
  );
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 8 }), fc.nat(50_000), fc.nat(), (candidates, prompt, seed) => {
      const ranked = rankEndpoints(candidates, prompt, seededRng(seed));
      expect(rankEndpoints(candidates, prompt, seededRng(seed))).toEqual(ranked);
      expect(ranked.length).toBe(candidates.filter(({ down }) => !down).length);
    }),
  );
});

test('a small pool is looked at whole, a large one in part, its least loaded among them', () => {
  const ledger = createLedger();
  const addresses = Array.from({ length: 50 }, (_, index) => `10.0.0.${index}:8000`);
  expect(sampleCandidates(ledger, addresses.slice(0, 3), 0, seededRng(1)).length).toBe(3);
  for (const address of addresses.slice(0, 48)) reserve(ledger, address, 100, 0, 0);
  recordFailure(ledger, addresses[49] ?? '', 0);
  const sampled = sampleCandidates(ledger, addresses, 0, seededRng(1));
  expect(sampled.length).toBe(CANDIDATES_MAX);
  expect(new Set(sampled.map(({ address }) => address)).size).toBe(CANDIDATES_MAX);
  expect(sampled[0]?.address).toBe(addresses[48]);
});

test('an engine that rests is passed over, unless all rest; one that cannot be reached is never asked', () => {
  const ledger = createLedger();
  recordFailure(ledger, 'a', 0);
  const downOf = (): [string, boolean][] =>
    sampleCandidates(ledger, ['a', 'b', 'c'], 0, seededRng(1)).map(({ address, down }) => [address, down]);
  recordUnreachable(ledger, 'c');
  expect(downOf()).toEqual([
    ['a', true],
    ['b', false],
    ['c', true],
  ]);
  recordFailure(ledger, 'b', 0);
  expect(downOf()).toEqual([
    ['a', false],
    ['b', false],
    ['c', true],
  ]);
});

test('an engine that was never learned is hoped to be as fast as the best, and an old rate fades', () => {
  const ledger = createLedger();
  const rates = (nowMs: number) =>
    sampleCandidates(ledger, ['fast', 'slow', 'new'], nowMs, seededRng(1)).map((one) => one.prefillTokensPerSecond);
  Object.assign(endpointLoad(ledger, 'fast'), { prefillTokensPerSecond: 20_000, learnedAtMs: 0 });
  Object.assign(endpointLoad(ledger, 'slow'), { prefillTokensPerSecond: 4_000, learnedAtMs: 0 });
  expect(rates(30_000)).toEqual([20_000, 4_000, 20_000]);
  expect(rates(60_000)).toEqual([20_000, 12_000, 20_000]);
  expect(rates(90_000)).toEqual([20_000, 16_000, 20_000]);
});

test('what our own requests will hold of the cache counts, and so do requests that others sent', () => {
  const ledger = createLedger();
  observe(ledger, 'a', { atMs: 0, kvBlocks: 100, kvBlockTokens: 10, kvUsage: 0.1, running: 7 }, 0);
  reserve(ledger, 'a', 600, 200, 0);
  const [candidate] = sampleCandidates(ledger, ['a'], 0, seededRng(1));
  expect(candidate).toEqual({
    address: 'a',
    queuedTokens: 600,
    activeRequests: 7,
    prefillTokensPerSecond: 8_000,
    kvUsage: 0.8,
    down: false,
  });
});
