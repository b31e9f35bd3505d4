import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Catalog } from './catalog.ts';
import { checkDuration } from './check-quantity.ts';
import type { DocumentOf } from './document.ts';
import { isSocketAddress } from './ip-address.ts';

/** Faster than this an engine spends its time on metrics; slower, the load is not live. */
const INTERVAL = { least: '100ms', most: '1m' };

export function* checkPools({ byKind }: Catalog): Generator<Diagnostic> {
  const listed = new Map<string, Span>();
  for (const pool of byKind.Pool.values()) {
    yield* checkEndpoints(pool, listed);
    const { load } = pool.spec;
    if (load === undefined || Array.isArray(load) || load.scrape === undefined) continue;
    yield* checkDuration(pool, ['spec', 'load', 'scrape', 'interval'], load.scrape.interval, INTERVAL);
  }
}

/** One engine is in one pool, once: its ledger and its load are one. */
function* checkEndpoints(pool: DocumentOf<'Pool'>, listed: Map<string, Span>): Generator<Diagnostic> {
  const { endpoints } = pool.spec;
  if (endpoints.static === undefined) {
    const hint = 'add `static: [ 10.0.0.11:8000 ]` with the addresses of the servers';
    yield diagnostic('HG3219', locate(pool.source, ['spec', 'endpoints']), 'the pool has no servers', { hint });
  }
  for (const [index, address] of (endpoints.static ?? []).entries()) {
    const span = locate(pool.source, ['spec', 'endpoints', 'static', index]);
    const earlier = listed.get(address);
    if (!isSocketAddress(address)) {
      const hint = 'write it as ip:port, IPv6 in brackets: 10.0.0.11:8000, [fd00::11]:8000';
      yield diagnostic('HG3205', span, `${quoted(address)} is not an address`, { hint });
    } else if (earlier === undefined) {
      listed.set(address, span);
    } else {
      const related = [{ message: 'it is first listed here', span: earlier }];
      const message = `the engine ${quoted(address)} is listed twice`;
      yield diagnostic('HG3206', span, message, { related, hint: 'remove one of the two' });
    }
  }
}
