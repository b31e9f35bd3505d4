import type { XdsNode } from '../../core/xds/node.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import type { GrpcMethod } from '../net/grpc-method.ts';
import { clientStatusMethods, type StatusClient } from './client-status-methods.ts';
import type { LoadReport } from './load-report.ts';
import { loadStatsMethod } from './load-stats-method.ts';

export interface StatusMethodsOptions {
  /** The connected proxies. */
  readonly clients: () => readonly StatusClient[];
  /** Why a caller may not act for a node, undefined where it may. */
  readonly authorize: (node: XdsNode, certificateNames: string) => string | undefined;
  /** How often proxies that are set up to report their load do so, and who is told. */
  readonly loadReports: LoadReports | undefined;
}

export interface LoadReports {
  readonly intervalMs: number;
  readonly onReport: (report: LoadReport) => void;
}

/** What is served beside the discovery of resources: the status of clients, and, where someone wants them, load reports. */
export function statusMethods({ clients, authorize, loadReports }: StatusMethodsOptions): readonly GrpcMethod[] {
  const visible = clientStatusMethods((call) =>
    clients().filter(({ node }) => authorize(node, call.certificateNames) === undefined),
  );
  if (loadReports === undefined) return visible;
  const clusterNames = ({ id, cluster }: XdsNode) => {
    const client = clients().find(({ node }) => node.id === id && node.cluster === cluster);
    const names = client?.streams.flatMap(({ snapshot }) => [
      ...(snapshot?.types.get(TYPE_URL.cluster)?.entries.keys() ?? []),
    ]);
    return [...new Set(names)];
  };
  return [...visible, loadStatsMethod({ ...loadReports, authorize, clusterNames })];
}
