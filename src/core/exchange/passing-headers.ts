import { type HeaderList, headerNames } from './header-list.ts';

/**
 * All that a client can say to an engine or a provider besides its body; pseudo-headers always pass. What is not here
 * may be a credential, an account, an address or an order of which we know nothing.
 */
const TO_UPSTREAMS: ReadonlySet<string> = new Set([
  'host',
  'content-type',
  'content-length',
  'transfer-encoding',
  'accept',
  // Some providers refuse requests without one.
  'user-agent',
  // Envoy's own, by which logs of engines find a request; the inner side keeps it from providers.
  'x-request-id',
  // Envoy's own too: without it Envoy chooses no route, and answers 404. The chosen route takes it away.
  'x-forwarded-proto',
]);

/** All that an upstream can say to a client besides its body: what it is, and whether to come again. */
const TO_CLIENTS: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'cache-control',
  'date',
  'server',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
]);

/** The headers of a request that no upstream may see. */
export function withheldFromUpstreams(headers: HeaderList): string[] {
  return withheld(headers, TO_UPSTREAMS);
}

/** The headers of an answer that no client may see. */
export function withheldFromClients(headers: HeaderList): string[] {
  return withheld(headers, TO_CLIENTS);
}

function withheld(headers: HeaderList, passing: ReadonlySet<string>): string[] {
  return headerNames(headers).filter((name) => !name.startsWith(':') && !passing.has(name));
}
