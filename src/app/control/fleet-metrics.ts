import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProxyStatus } from '../../io/grpc/xds-events.ts';
import type { TlsStatus } from '../settings/tls-source.ts';
import { stateOf } from './fleet-view.ts';

export interface FleetMetricSources {
  readonly proxies: () => readonly ProxyStatus[];
  readonly refusedCount: () => number;
  /** Undefined where no mutual TLS is used. */
  readonly tls: () => TlsStatus | undefined;
}

/** What the control plane knows of its proxies and of its own certificate, read when somebody asks for the metrics. */
export function addFleetMetrics(registry: Registry, sources: FleetMetricSources): void {
  const registers = [registry];
  const proxies = new Gauge({
    name: 'headgate_proxies',
    help: 'Connected proxies by fleet and state.',
    labelNames: ['fleet', 'state'],
    registers,
    collect: () => {
      proxies.reset();
      for (const proxy of sources.proxies()) proxies.inc({ fleet: proxy.fleet ?? '', state: stateOf(proxy) });
    },
  });
  const refused = new Counter({
    name: 'headgate_refused_identities_total',
    help: 'Connections turned away because their certificate is not for the cluster that they named.',
    registers,
    collect: () => {
      refused.reset();
      refused.inc(sources.refusedCount());
    },
  });
  const expiry = new Gauge({
    name: 'headgate_certificate_expiry_timestamp_seconds',
    help: 'When certificates end, in seconds since 1970.',
    labelNames: ['use', 'subject'],
    registers,
    collect: () => {
      expiry.reset();
      for (const { use, subject, expiresAtMs } of sources.tls()?.certificates ?? []) {
        expiry.set({ use, subject }, expiresAtMs / 1_000);
      }
    },
  });
  const keptOut: Gauge = new Gauge({
    name: 'headgate_certificate_kept_out',
    help: 'Whether the certificate files as they are now are not taken.',
    registers,
    collect: () => {
      keptOut.set(sources.tls()?.failure === undefined ? 0 : 1);
    },
  });
}
