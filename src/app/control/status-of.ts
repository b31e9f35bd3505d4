import type { Ledger } from '../../core/load/ledger.ts';
import { endpointLoad } from '../../core/load/ledger.ts';
import { candidateOf } from '../../core/schedule/candidate.ts';
import type { Tables } from '../../core/tables/tables.ts';
import type { ProxyStatus as XdsProxyStatus } from '../../io/grpc/xds-events.ts';
import { monotonicMs } from '../decider/monotonic-clock.ts';
import type { EngineStatus, ProxyStatus } from './server-status.ts';

export function proxyStatuses(proxies: readonly XdsProxyStatus[]): ProxyStatus[] {
  return proxies.map((proxy) => {
    const rejection = proxy.types.find((type) => type.rejection !== undefined)?.rejection;
    const isCurrent = proxy.fullyAcknowledged !== undefined && proxy.fullyAcknowledged === proxy.offered;
    return {
      node: proxy.node,
      fleet: proxy.fleet ?? '',
      version: proxy.version,
      connectedAtMs: proxy.connectedAtMs,
      ...(isCurrent && proxy.fullyAcknowledged !== undefined ? { digest: proxy.fullyAcknowledged } : {}),
      ...(proxy.held === undefined ? {} : { held: proxy.held }),
      ...(rejection === undefined ? {} : { refusal: rejection.message }),
    };
  });
}

export function engineStatuses(ledger: Ledger, tables: Tables | undefined): EngineStatus[] {
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
