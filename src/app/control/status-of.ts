import type { Ledger } from '../../core/load/ledger.ts';
import { endpointLoad } from '../../core/load/ledger.ts';
import { candidateOf } from '../../core/schedule/candidate.ts';
import type { TypeStatus } from '../../core/xds/stream-status.ts';
import type { ProxyStatus as XdsProxyStatus } from '../../io/grpc/xds-events.ts';
import { monotonicMs } from '../decider/monotonic-clock.ts';
import type { EnginePools } from '../decider/watch-engines.ts';
import type { EngineStatus, ProxyStatus } from './server-status.ts';

/** @param current the live revision and the one on its way */
export function proxyStatuses(proxies: readonly XdsProxyStatus[], current: readonly string[]): ProxyStatus[] {
  return proxies.map((proxy) => {
    const rejection = proxy.types.find((type) => isWanted(type, proxy.offered))?.rejection;
    const isCurrent = proxy.fullyAcknowledged !== undefined && proxy.fullyAcknowledged === proxy.offered;
    const isOutdated = proxy.fullyAcknowledged !== undefined && !current.includes(proxy.fullyAcknowledged);
    return {
      node: proxy.node,
      fleet: proxy.fleet ?? '',
      version: proxy.version,
      connectedAtMs: proxy.connectedAtMs,
      ...(isCurrent && proxy.fullyAcknowledged !== undefined ? { digest: proxy.fullyAcknowledged } : {}),
      ...(isOutdated && proxy.fullyAcknowledged !== undefined ? { outdated: proxy.fullyAcknowledged } : {}),
      ...(proxy.held === undefined ? {} : { held: proxy.held }),
      ...(rejection === undefined ? {} : { refusal: rejection.message }),
    };
  });
}

/** An old rejection is no news once the proxy is offered something else. */
function isWanted({ refused, rejection }: TypeStatus, offered: string | undefined): boolean {
  return rejection !== undefined && (refused.length > 0 || rejection.revision === offered);
}

export function engineStatuses(ledger: Ledger, tables: EnginePools | undefined): EngineStatus[] {
  const nowMs = monotonicMs();
  return Object.entries(tables?.pools ?? {}).flatMap(([pool, { endpoints }]) =>
    endpoints.map((address) => {
      const { down, queuedTokens, activeRequests, prefillTokensPerSecond } = candidateOf(ledger, address, nowMs);
      const { waiting, running, kvUsage } = endpointLoad(ledger, address).report ?? {};
      return {
        pool,
        address,
        down,
        queuedTokens,
        activeRequests,
        prefillTokensPerSecond,
        ...(waiting === undefined ? {} : { waiting }),
        ...(running === undefined ? {} : { running }),
        ...(kvUsage === undefined ? {} : { kvUsage }),
      };
    }),
  );
}
