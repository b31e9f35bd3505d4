import { assert, present } from '../base/assert.ts';
import { durationMs } from '../base/duration.ts';
import { sortedBy } from '../base/text-order.ts';
import type { Pool, Provider } from '../ir/upstream.ts';
import { originOf } from './build-origin.ts';
import type { DocumentOf } from './document.ts';
import { parseEndpoint } from './endpoint-url.ts';
import { scrape } from './pool.ts';
import { PROVIDER_DEFAULTS } from './provider.ts';

export function buildProvider(document: DocumentOf<'Provider'>): Provider {
  const { type, secret, tls, region, retention, authentication } = document.spec;
  const endpoint = parseEndpoint(present(document.spec.endpoint ?? PROVIDER_DEFAULTS[type], 'endpoint'));
  assert(!('problem' in endpoint), 'an endpoint that was checked');
  return {
    name: document.name,
    origin: originOf(document),
    type,
    endpoint,
    authentication,
    ...(secret === undefined ? {} : { secret }),
    ...(tls === undefined ? {} : { authority: tls.authority }),
    ...(region === undefined ? {} : { region }),
    ...(retention === undefined ? {} : { retention }),
  };
}

export function buildPool(document: DocumentOf<'Pool'>): Pool {
  const { engine, accelerator, region, endpoints } = document.spec;
  const scraped = scrapeOf(document.spec.load);
  const listed = present(endpoints.static, 'addresses').map((address, index) => ({
    address,
    origin: originOf(document, ['spec', 'endpoints', 'static', index]),
  }));
  return {
    name: document.name,
    origin: originOf(document),
    engine,
    ...(accelerator === undefined ? {} : { accelerator }),
    ...(region === undefined ? {} : { region }),
    endpoints: sortedBy(listed, (endpoint) => endpoint.address),
    ...(scraped === undefined ? {} : { scrape: scraped }),
  };
}

/** `[ scrape ]` is the mapping with nothing but defaults. */
function scrapeOf(load: DocumentOf<'Pool'>['spec']['load']): Pool['scrape'] {
  if (load === undefined) return undefined;
  const written = Array.isArray(load) ? scrape.parse({}) : load.scrape;
  if (written === undefined) return undefined;
  return { path: written.path, intervalMs: present(durationMs(written.interval), 'interval') };
}
