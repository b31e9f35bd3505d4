import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createLedger,
  endpointLoad,
  forgetScrapes,
  isDown,
  observe,
  PREFILL_TOKENS_PER_SECOND_PRIOR,
  queuedTokens,
  recordFailure,
  recordRefusedScrape,
  recordSuccess,
  recordUnreachable,
  release,
  reserve,
} from './ledger.ts';

const A = '10.0.0.1:8000';

test('a pick counts at once and drains at the rate', () => {
  const ledger = createLedger();
  reserve(ledger, A, 8_000, 100, 1_000);
  const load = endpointLoad(ledger, A);
  expect([queuedTokens(load, 1_000), queuedTokens(load, 1_500), queuedTokens(load, 3_000)]).toEqual([8_000, 4_000, 0]);
  expect({ active: load.activeRequests, reserved: load.reservedTokens }).toEqual({ active: 1, reserved: 8_100 });
});

test('a release gives all back once, and the prefill too when it was never done', () => {
  const ledger = createLedger();
  const kept = reserve(ledger, A, 1_000, 50, 0);
  const lost = reserve(ledger, A, 2_000, 50, 0);
  release(ledger, lost, true, 0);
  release(ledger, lost, true, 0);
  const load = endpointLoad(ledger, A);
  expect([load.activeRequests, load.reservedTokens, queuedTokens(load, 0)]).toEqual([1, 1_050, 1_000]);
  release(ledger, kept, false, 0);
  expect([load.activeRequests, load.reservedTokens, queuedTokens(load, 0)]).toEqual([0, 0, 1_000]);
});

test('a gauge raises the queue and never lowers it', () => {
  const ledger = createLedger();
  observe(ledger, A, { atMs: 0, waiting: 10 }, 0);
  const load = endpointLoad(ledger, A);
  expect(queuedTokens(load, 0)).toBe(5_000);
  reserve(ledger, A, 9_000, 0, 0);
  observe(ledger, A, { atMs: 0, waiting: 0 }, 0);
  expect(queuedTokens(load, 0)).toBe(14_000);
});

test('the rate follows the times to first token, a little with each report', () => {
  const ledger = createLedger();
  observe(ledger, A, { atMs: 0, ttftSumSeconds: 0, ttftCount: 0 }, 0);
  reserve(ledger, A, 4_000, 0, 0);
  observe(ledger, A, { atMs: 1_000, ttftSumSeconds: 1, ttftCount: 1 }, 1_000);
  const learned = endpointLoad(ledger, A).prefillTokensPerSecond;
  expect(learned).toBeCloseTo(PREFILL_TOKENS_PER_SECOND_PRIOR * 0.5 ** 0.3, 6);
});

test('a report of another process, or of answers that we did not send, teaches nothing', () => {
  const ledger = createLedger();
  observe(ledger, A, { atMs: 0, ttftSumSeconds: 5, ttftCount: 5, processStartSeconds: 1 }, 0);
  observe(ledger, A, { atMs: 1, ttftSumSeconds: 9, ttftCount: 9, processStartSeconds: 1 }, 1);
  reserve(ledger, A, 4_000, 0, 1);
  observe(ledger, A, { atMs: 2, ttftSumSeconds: 99, ttftCount: 10, processStartSeconds: 2 }, 2);
  expect(endpointLoad(ledger, A).prefillTokensPerSecond).toBe(PREFILL_TOKENS_PER_SECOND_PRIOR);
});

test('failures let an endpoint rest, longer each time, until it answers', () => {
  const ledger = createLedger();
  const load = endpointLoad(ledger, A);
  recordFailure(ledger, A, 0);
  expect([isDown(load, 999), isDown(load, 1_000)]).toEqual([true, false]);
  recordFailure(ledger, A, 1_000);
  expect([isDown(load, 2_999), isDown(load, 3_000)]).toEqual([true, false]);
  for (let nowMs = 3_000; nowMs < 120_000; nowMs = load.restsUntilMs) recordFailure(ledger, A, nowMs);
  const { restsUntilMs } = load;
  recordFailure(ledger, A, restsUntilMs);
  expect(load.restsUntilMs - restsUntilMs).toBe(30_000);
  recordSuccess(ledger, A);
  expect(isDown(load, restsUntilMs)).toBe(false);
});

test('attempts that fail together are one failure', () => {
  const ledger = createLedger();
  for (let count = 0; count < 20; count += 1) recordFailure(ledger, A, 0);
  expect([isDown(endpointLoad(ledger, A), 999), isDown(endpointLoad(ledger, A), 1_000)]).toEqual([true, false]);
});

test('a scrape that finds nobody twice in a row takes the engine out, and one that works brings it back', () => {
  const ledger = createLedger();
  recordRefusedScrape(ledger, A);
  expect(isDown(endpointLoad(ledger, A), 0)).toBe(false);
  recordRefusedScrape(ledger, A);
  expect(isDown(endpointLoad(ledger, A), 0)).toBe(true);
  observe(ledger, A, { atMs: 0 }, 0);
  recordRefusedScrape(ledger, A);
  expect(isDown(endpointLoad(ledger, A), 0)).toBe(false);
});

test('an engine that is scraped no more is not judged by its last scrape', () => {
  const ledger = createLedger();
  observe(ledger, A, { atMs: 0, waiting: 3 }, 0);
  recordUnreachable(ledger, A);
  forgetScrapes(ledger, A);
  const { report, unreachable } = endpointLoad(ledger, A);
  expect({ report, unreachable }).toEqual({ report: undefined, unreachable: false });
});

test('each report teaches from the picks that it counts, in their order', () => {
  const ledger = createLedger();
  observe(ledger, A, { atMs: 0, ttftSumSeconds: 0, ttftCount: 0 }, 0);
  reserve(ledger, A, 4_000, 0, 0);
  reserve(ledger, A, 4_000, 0, 0);
  observe(ledger, A, { atMs: 500, ttftSumSeconds: 0.5, ttftCount: 1 }, 500);
  expect(endpointLoad(ledger, A).prefillTokensPerSecond).toBeCloseTo(PREFILL_TOKENS_PER_SECOND_PRIOR, 6);
  expect(endpointLoad(ledger, A).admissions).toEqual([8_000]);
});

test('an engine whose metrics cannot be read is down until they can', () => {
  const ledger = createLedger();
  recordUnreachable(ledger, A);
  expect(isDown(endpointLoad(ledger, A), 1e12)).toBe(true);
  observe(ledger, A, { atMs: 0 }, 0);
  expect(isDown(endpointLoad(ledger, A), 0)).toBe(false);
});

test('whatever is reserved and released, nothing is left at the end', () => {
  const request = fc.record({
    prompt: fc.nat(50_000),
    output: fc.nat(5_000),
    at: fc.nat(10_000),
    unanswered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 50 }), (requests) => {
      const ledger = createLedger();
      const open = requests.map(({ prompt, output, at }) => reserve(ledger, A, prompt, output, at));
      for (const [index, { at, unanswered }] of requests.entries()) {
        const reservation = open[index];
        if (reservation !== undefined) release(ledger, reservation, unanswered, at);
      }
      const load = endpointLoad(ledger, A);
      expect([load.activeRequests, load.reservedTokens]).toEqual([0, 0]);
      expect(queuedTokens(load, 20_000)).toBeGreaterThanOrEqual(0);
    }),
  );
});
