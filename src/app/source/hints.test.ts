import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHints, HINT_SPACING_MS } from './hints.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const fetchedMs: number[] = [];
  const begunMs = Date.now();
  const fetch = () => {
    fetchedMs.push(Date.now() - begunMs);
    return Promise.reject(new Error('no remote'));
  };
  return { fetchedMs, ...createHints({ fetch, monotonicMs: Date.now, nowMs: Date.now }) };
}

test('a thousand pushes in a minute are thirty fetches, and one after the last push', () => {
  const { fetchedMs, hint } = start();
  for (let index = 0; index < 1_000; index += 1) {
    hint();
    vi.advanceTimersByTime(60);
  }
  vi.advanceTimersByTime(HINT_SPACING_MS);
  expect(fetchedMs.length).toBe(31);
  expect(fetchedMs[0]).toBe(0);
  expect(fetchedMs.at(-1)).toBeGreaterThan(999 * 60);
});

test('a single push is fetched at once, and one after a pause too', () => {
  const { fetchedMs, hint, hintedAtMs } = start();
  const begunMs = Date.now();
  expect(hintedAtMs()).toBeUndefined();
  hint();
  vi.advanceTimersByTime(HINT_SPACING_MS);
  hint();
  expect(hintedAtMs()).toBe(begunMs + HINT_SPACING_MS);
  vi.advanceTimersByTime(HINT_SPACING_MS);
  expect(fetchedMs).toEqual([0, HINT_SPACING_MS]);
});

test('its end drops what waits', () => {
  const { fetchedMs, hint, close } = start();
  hint();
  hint();
  close();
  vi.advanceTimersByTime(HINT_SPACING_MS);
  expect(fetchedMs).toEqual([0]);
});
