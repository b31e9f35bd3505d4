import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { LoadReport } from '../../io/grpc/load-report.ts';
import { countUpstreams } from './upstream-metrics.ts';

function report(cluster: string): LoadReport {
  const requests = { issued: 3, succeeded: 2, failed: 1, inProgress: 0, metrics: new Map() };
  const locality = { region: '', zone: '', subZone: '', priority: 0, requests, endpoints: [] };
  return {
    node: 'a',
    clusters: [{ cluster, service: '', intervalMs: 1, dropped: 4, localities: [locality, locality] }],
  };
}

async function values(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('headgate_upstream'));
}

test('reports of proxies add up by cluster', async () => {
  const registry = new Registry();
  const { intervalMs, onReport } = countUpstreams(registry, 30_000);
  for (const cluster of ['gpus', 'gpus', 'cloud']) onReport(report(cluster));
  expect(intervalMs).toBe(30_000);
  expect(await values(registry)).toEqual([
    'headgate_upstream_requests_total{cluster="gpus",outcome="dropped"} 8',
    'headgate_upstream_requests_total{cluster="gpus",outcome="succeeded"} 8',
    'headgate_upstream_requests_total{cluster="gpus",outcome="failed"} 4',
    'headgate_upstream_requests_total{cluster="cloud",outcome="dropped"} 4',
    'headgate_upstream_requests_total{cluster="cloud",outcome="succeeded"} 4',
    'headgate_upstream_requests_total{cluster="cloud",outcome="failed"} 2',
  ]);
});

test('a proxy that makes up names does not fill the memory', async () => {
  const registry = new Registry();
  const { onReport } = countUpstreams(registry, 1_000);
  for (let index = 0; index < 2_100; index += 1) onReport(report(`c${index}`));
  const lines = await values(registry);
  expect([lines.length, lines.at(-1)]).toEqual([
    6_003,
    'headgate_upstream_requests_total{cluster="",outcome="failed"} 200',
  ]);
});
