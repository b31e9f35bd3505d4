import { Agent } from 'node:http';
import { parseMetrics } from '../../core/load/metrics-text.ts';
import type { EngineReport } from '../../core/load/report.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { ScrapeError } from './scrape-error.ts';

/** One engine whose metrics are read. */
export interface ScrapeTarget {
  readonly pool: string;
  /** `ip:port`, IPv6 in brackets. */
  readonly address: string;
  readonly path: string;
  readonly intervalMs: number;
  readonly engine: Parameters<typeof parseMetrics>[0];
}

export interface ScraperOptions {
  /** What to read now. Asked when the scraper starts and at every `refresh`. One address is read once per target. */
  readonly targets: () => readonly ScrapeTarget[];
  readonly onReport: (target: ScrapeTarget, report: EngineReport) => void;
  readonly onFailure: (target: ScrapeTarget, error: ScrapeError) => void;
  /** In [0, 1): spreads the reads over the interval. */
  readonly random: () => number;
  /** The clock of `atMs`. */
  readonly nowMs: () => number;
  /** How long one read may take. Default: a second. */
  readonly timeoutMs?: number;
}

export interface Scraper {
  /** Takes the targets anew: starts the new ones, stops those that are gone, leaves the others as they run. */
  refresh(): void;
  /** Stops at once; nothing is called any more. */
  close(): void;
}

/** A report older than that decides nothing, so a read that takes longer is worth nothing. */
const TIMEOUT_MS = 1_000;
/** The share of the interval that chance moves, so that reads of many engines do not fall together. */
const JITTER = 0.2;

/** Reads the metrics of engines in their intervals: one read in flight for each, over kept connections. */
export function startScraper(options: ScraperOptions): Scraper {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const running = new Map<string, () => void>();
  const refresh = () => {
    const targets = new Map(options.targets().map((target) => [JSON.stringify(target), target]));
    for (const [key, stop] of running) {
      if (targets.has(key)) continue;
      stop();
      running.delete(key);
    }
    for (const [key, target] of targets) {
      if (!running.has(key)) running.set(key, scrapeForever(agent, target, options));
    }
  };
  refresh();
  return {
    refresh,
    close() {
      for (const stop of running.values()) stop();
      running.clear();
      agent.destroy();
    },
  };
}

/** The first read comes at once. @returns what ends it */
function scrapeForever(agent: Agent, target: ScrapeTarget, options: ScraperOptions): () => void {
  const { random, timeoutMs = TIMEOUT_MS } = options;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const read = async () => {
    await scrape(agent, target, options, { timeoutMs, signal: stopping.signal });
    if (stopping.signal.aborted) return;
    timer = setTimeout(read, target.intervalMs * (1 - JITTER + 2 * JITTER * random()));
  };
  void read();
  return () => {
    stopping.abort();
    clearTimeout(timer);
  };
}

async function scrape(
  agent: Agent,
  target: ScrapeTarget,
  { onReport, onFailure, nowMs }: ScraperOptions,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const read = await fetchMetrics(agent, target, limits).then(
    (text) => readReport(target, text, nowMs()),
    (error: ScrapeError) => error,
  );
  if (limits.signal.aborted) return;
  if (read instanceof ScrapeError) onFailure(target, read);
  else onReport(target, read);
}

function readReport(target: ScrapeTarget, text: string, atMs: number): EngineReport | ScrapeError {
  const figures = parseMetrics(target.engine, text);
  const isEmpty = figures.waiting === undefined && figures.running === undefined;
  if (isEmpty) return new ScrapeError('scrape-no-metrics', `${target.address} has no metrics of ${target.engine}`);
  return { atMs, ...figures };
}
