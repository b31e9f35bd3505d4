import type { Digest } from '../base/digest.ts';

/** As far as a rollout looks at a connected proxy that is served. */
export interface ServedProxy {
  /** The revision that it is offered. */
  readonly offered: string | undefined;
  /** The last revision of which it acknowledged everything. */
  readonly fullyAcknowledged: string | undefined;
}

/** How far the proxies are with one revision. */
export interface Acknowledgement {
  /** Every connected proxy has it; so it is also when none is connected, and none is expected. */
  readonly complete: boolean;
  /** At least one proxy has it. */
  readonly taken: boolean;
}

/** @param isExpecting whether proxies that were here before may still come back */
export function acknowledgementOf(
  digest: Digest,
  proxies: readonly ServedProxy[],
  isExpecting: boolean,
): Acknowledgement {
  const offered = proxies.filter((proxy) => proxy.offered === digest);
  const takers = offered.filter((proxy) => proxy.fullyAcknowledged === digest).length;
  return { complete: takers === offered.length && (takers > 0 || !isExpecting), taken: takers > 0 };
}
