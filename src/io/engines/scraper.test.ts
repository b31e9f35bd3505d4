import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineReport } from '../../core/load/report.ts';
import type { ScrapeError } from './scrape-error.ts';
import { type Scraper, type ScraperOptions, type ScrapeTarget, startScraper } from './scraper.ts';

const HOUR_MS = 3_600_000;
const METRICS = 'vllm:num_requests_waiting 2\nvllm:num_requests_running 3\nvllm:kv_cache_usage_perc 0.5\n';

const servers: Server[] = [];
const scrapers: Scraper[] = [];

afterEach(() => {
  for (const scraper of scrapers.splice(0)) scraper.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function engine(listener: RequestListener): Promise<{ target: ScrapeTarget; server: Server }> {
  const server = createServer(listener);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;
  return { server, target: { pool: 'own', address, path: '/metrics', intervalMs: 1, engine: 'vllm' } };
}

/** A scraper whose calls can be awaited one by one. */
function scrape(targets: () => readonly ScrapeTarget[], options: Partial<ScraperOptions> = {}) {
  const seen: { address: string; report?: EngineReport; code?: string }[] = [];
  const waiting: { isOver: () => boolean; resolve: () => void }[] = [];
  const note = (entry: (typeof seen)[number]) => {
    seen.push(entry);
    for (const wait of waiting) if (wait.isOver()) wait.resolve();
  };
  const scraper = startScraper({
    targets,
    onReport: ({ address }, report) => note({ address, report }),
    onFailure: ({ address }, { code }: ScrapeError) => note({ address, code }),
    random: () => 0.5,
    nowMs: () => 42,
    ...options,
  });
  scrapers.push(scraper);
  const until = (isOver: () => boolean) => new Promise<void>((resolve) => waiting.push({ isOver, resolve }));
  return { scraper, seen, until };
}

describe('the scraper', () => {
  test('reads again and again over one connection, one read at a time', async () => {
    const ports = new Set<number | undefined>();
    const paths = new Set<string | undefined>();
    let inFlight = 0;
    let inFlightMax = 0;
    const { target } = await engine((incoming, outgoing) => {
      inFlight += 1;
      inFlightMax = Math.max(inFlightMax, inFlight);
      ports.add(incoming.socket.remotePort);
      paths.add(incoming.url);
      setImmediate(() => {
        inFlight -= 1;
        outgoing.end(METRICS);
      });
    });
    const { seen, until } = scrape(() => [{ ...target, path: '/v2/metrics?x=1' }]);
    await until(() => seen.length >= 5);
    expect(seen.slice(0, 2)).toEqual([
      { address: target.address, report: { atMs: 42, waiting: 2, running: 3, kvUsage: 0.5 } },
      { address: target.address, report: { atMs: 42, waiting: 2, running: 3, kvUsage: 0.5 } },
    ]);
    expect({ connections: ports.size, inFlightMax, paths: [...paths] }).toEqual({
      connections: 1,
      inFlightMax: 1,
      paths: ['/v2/metrics?x=1'],
    });
  });

  test.each<[string, string, RequestListener]>([
    ['scrape-status', 'an error page', (_incoming, outgoing) => outgoing.writeHead(503).end('busy')],
    ['scrape-status', 'a redirect', (_incoming, outgoing) => outgoing.writeHead(302, { location: '/x' }).end()],
    ['scrape-no-metrics', 'something else', (_incoming, outgoing) => outgoing.end('<html></html>')],
    ['scrape-timeout', 'no answer', () => undefined],
    ['scrape-timeout', 'an answer that does not end', (_incoming, outgoing) => outgoing.write(METRICS)],
    ['scrape-unreachable', 'a closed connection', (incoming) => incoming.socket.destroy()],
    ['scrape-too-large', 'a flood', (_incoming, outgoing) => outgoing.end('x'.repeat(5 * 1024 * 1024))],
  ])('%s: %s; and it comes back', async (code, _what, listener) => {
    let isSick = true;
    const { target } = await engine((incoming, outgoing) => {
      if (isSick) listener(incoming, outgoing);
      else outgoing.end(METRICS);
    });
    const { seen, until } = scrape(() => [target], { timeoutMs: 200 });
    await until(() => seen.length > 0);
    isSick = false;
    await until(() => seen.some(({ report }) => report !== undefined));
    expect(seen[0]).toEqual({ address: target.address, code });
  });

  test('an engine that is not there', async () => {
    const { target, server } = await engine(() => undefined);
    server.close();
    await once(server, 'close');
    const { seen, until } = scrape(() => [target]);
    await until(() => seen.length >= 2);
    expect(seen.slice(0, 2).map(({ code }) => code)).toEqual(['scrape-unreachable', 'scrape-unreachable']);
  });

  test('an address that is none', async () => {
    const address = '127.0.0.1:99999';
    const target: ScrapeTarget = { pool: 'own', address, path: '/metrics', intervalMs: 1, engine: 'vllm' };
    const { seen, until } = scrape(() => [target]);
    await until(() => seen.length >= 2);
    expect(seen.slice(0, 2)).toEqual([
      { address, code: 'scrape-unreachable' },
      { address, code: 'scrape-unreachable' },
    ]);
  });

  test('a refresh starts what is new, stops what is gone, and leaves the others', async () => {
    const answer: RequestListener = (_incoming, outgoing) => outgoing.end(METRICS);
    const [first, second] = [await engine(answer), await engine(answer)];
    const once1 = { ...first.target, intervalMs: HOUR_MS };
    const once2 = { ...second.target, intervalMs: HOUR_MS };
    let targets = [once1];
    const { scraper, seen, until } = scrape(() => targets);
    await until(() => seen.length > 0);
    targets = [once1, once2];
    scraper.refresh();
    await until(() => seen.length >= 2);
    targets = [once2];
    scraper.refresh();
    targets = [once1, once2];
    scraper.refresh();
    await until(() => seen.length >= 3);
    expect(seen.map(({ address }) => address)).toEqual([once1.address, once2.address, once1.address]);
  });

  test('nothing is called after close, also when a read is in flight', async () => {
    const { target, server } = await engine(() => undefined);
    const { scraper, seen } = scrape(() => [target]);
    const [incoming] = await once(server, 'request');
    const closed = once(incoming.socket, 'close');
    scraper.close();
    await closed;
    expect(seen).toEqual([]);
  });
});
