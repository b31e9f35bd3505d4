import { Counter, type Registry } from 'prom-client';
import type { LoadReport } from '../../io/grpc/load-report.ts';
import type { LoadReports } from '../../io/grpc/status-methods.ts';

/** Names come from the proxies: as many as a large catalog has, the rest is counted under none. */
const CLUSTERS_MAX = 2_000;

/** Asks proxies for load reports (LRS) and counts what they say, by cluster. */
export function countUpstreams(registry: Registry, intervalMs: number): LoadReports {
  const requests = new Counter({
    name: 'headgate_upstream_requests_total',
    help: 'Requests that proxies sent to their upstreams, retries included, as they report them.',
    labelNames: ['cluster', 'outcome'],
    registers: [registry],
  });
  const known = new Set<string>();
  const labelOf = (cluster: string): string => {
    if (known.size < CLUSTERS_MAX) known.add(cluster);
    return known.has(cluster) ? cluster : '';
  };
  const onReport = ({ clusters }: LoadReport): void => {
    for (const { cluster: name, dropped, localities } of clusters) {
      const cluster = labelOf(name);
      requests.inc({ cluster, outcome: 'dropped' }, dropped);
      for (const { requests: told } of localities) {
        requests.inc({ cluster, outcome: 'succeeded' }, told.succeeded);
        requests.inc({ cluster, outcome: 'failed' }, told.failed);
      }
    }
  };
  return { intervalMs, onReport };
}
