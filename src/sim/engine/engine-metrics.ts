import { createHistogram, type Histogram, observe } from './histogram.ts';

/** How a request ended, in vLLM's words. */
export type FinishedReason = 'stop' | 'length' | 'abort';

/** What an engine has counted since it started. */
export interface EngineMetrics {
  promptTokens: number;
  generationTokens: number;
  readonly finished: Record<FinishedReason, number>;
  readonly timeToFirstToken: Histogram;
  readonly interTokenLatency: Histogram;
  readonly requestLatency: Histogram;
}

/** One token at the moment it came out. */
export interface TokenTiming {
  readonly atMs: number;
  readonly arrivedMs: number;
  /** When the token before it came out; undefined for the first. */
  readonly previousMs: number | undefined;
  readonly promptTokens: number;
}

/** vLLM's own bounds, so that a reader of buckets sees what it would see from vLLM. */
const FIRST_TOKEN_BOUNDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const NEXT_TOKEN_BOUNDS = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const REQUEST_BOUNDS = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];

export function createEngineMetrics(): EngineMetrics {
  return {
    promptTokens: 0,
    generationTokens: 0,
    finished: { stop: 0, length: 0, abort: 0 },
    timeToFirstToken: createHistogram(FIRST_TOKEN_BOUNDS),
    interTokenLatency: createHistogram(NEXT_TOKEN_BOUNDS),
    requestLatency: createHistogram(REQUEST_BOUNDS),
  };
}

/** Counts a token; the first one of a request counts its prompt too. */
export function recordToken(metrics: EngineMetrics, token: TokenTiming): void {
  metrics.generationTokens += 1;
  if (token.previousMs === undefined) {
    metrics.promptTokens += token.promptTokens;
    observe(metrics.timeToFirstToken, (token.atMs - token.arrivedMs) / 1_000);
  } else {
    observe(metrics.interTokenLatency, (token.atMs - token.previousMs) / 1_000);
  }
}

/** Counts the end of a request that ran to its end or was aborted. */
export function recordFinish(metrics: EngineMetrics, reason: FinishedReason, latencyMs: number): void {
  metrics.finished[reason] += 1;
  if (reason !== 'abort') observe(metrics.requestLatency, latencyMs / 1_000);
}
