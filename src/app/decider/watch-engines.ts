import { forgetScrapes, type Ledger, observe, recordRefusedScrape } from '../../core/load/ledger.ts';
import type { Tables } from '../../core/tables/tables.ts';
import { type ScrapeTarget, startScraper } from '../../io/engines/scraper.ts';
import type { Log } from '../log.ts';
import { monotonicMs } from './monotonic-clock.ts';

/** Of a revision's tables, what names its engines. */
export type EnginePools = Pick<Tables, 'pools'>;

/** Reads the load of the engines of the newest revision into the ledger. */
export interface EngineWatch {
  /** The revision whose engines count from now on. */
  readonly follow: (tables: EnginePools) => void;
  readonly tables: () => EnginePools | undefined;
  readonly close: () => void;
}

export function watchEngines(ledger: Ledger, log: Log): EngineWatch {
  let followed: EnginePools | undefined;
  /** Endpoints that failed their last read: only the first failure and the recovery are news. */
  const silent = new Set<string>();
  const scraper = startScraper({
    targets: () => targetsOf(followed),
    nowMs: monotonicMs,
    random: Math.random,
    onReport: ({ address }, report) => {
      observe(ledger, address, report, monotonicMs());
      if (silent.delete(address)) log.info({ address }, 'engine answers again');
    },
    onFailure: ({ address, pool }, failure) => {
      // Silence makes a report old and says nothing of the engine; only a refused connection does.
      if (failure.code === 'scrape-unreachable') recordRefusedScrape(ledger, address);
      if (silent.has(address)) return;
      silent.add(address);
      log.warn({ address, pool, code: failure.code }, 'engine does not answer');
    },
  });
  return {
    follow: (tables) => {
      followed = tables;
      scraper.refresh();
      const scraped = new Set(targetsOf(tables).map(({ address }) => address));
      for (const address of ledger.endpoints.keys()) if (!scraped.has(address)) forgetScrapes(ledger, address);
    },
    tables: () => followed,
    close: () => scraper.close(),
  };
}

function targetsOf(tables: EnginePools | undefined): ScrapeTarget[] {
  return Object.entries(tables?.pools ?? {}).flatMap(([pool, { engine, endpoints, scrape }]) =>
    scrape === undefined ? [] : endpoints.map((address) => ({ pool, address, engine, ...scrape })),
  );
}
