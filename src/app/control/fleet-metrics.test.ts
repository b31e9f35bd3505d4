import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ProxyStatus } from '../../io/grpc/xds-events.ts';
import { addFleetMetrics } from './fleet-metrics.ts';

function proxy(fleet: string, held?: string): ProxyStatus {
  return { fleet, held, offered: 'a', fullyAcknowledged: 'a', types: [] } as unknown as ProxyStatus;
}

test('the metrics of the fleet are read anew each time', async () => {
  const registry = new Registry();
  let proxies = [proxy('edge'), proxy('edge'), proxy('edge', 'too old'), proxy('batch')];
  addFleetMetrics(registry, {
    proxies: () => proxies,
    refusedCount: () => 3,
    tls: () => ({ certificates: [{ use: 'server', subject: 'CN=headgate', expiresAtMs: 5_000 }], failure: 'no fit' }),
  });
  const values = async () => (await registry.metrics()).split('\n').filter((line) => /^headgate/.test(line));
  expect(await values()).toEqual([
    'headgate_proxies{fleet="edge",state="current"} 2',
    'headgate_proxies{fleet="edge",state="held"} 1',
    'headgate_proxies{fleet="batch",state="current"} 1',
    'headgate_refused_identities_total 3',
    'headgate_certificate_expiry_timestamp_seconds{use="server",subject="CN=headgate"} 5',
    'headgate_certificate_kept_out 1',
  ]);
  proxies = [proxy('batch')];
  expect((await values())[0]).toBe('headgate_proxies{fleet="batch",state="current"} 1');
});
