import type { XdsNode } from '../../core/xds/node.ts';
import type { OpenStream } from '../../core/xds/stream.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import type { GrpcMethod } from '../net/grpc-method.ts';
import { clientStatusMethods, type StatusClient } from './client-status-methods.ts';
import type { LoadReport } from './load-report.ts';
import { loadStatsMethod } from './load-stats-method.ts';

export interface StatusMethodsOptions {
  /** The connected proxies. */
  readonly clients: () => readonly StatusClient[];
  /** The streams of one of them: a fleet that comes back asks for each. */
  readonly streamsOf: (node: XdsNode) => readonly OpenStream[];
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
export function statusMethods(options: StatusMethodsOptions): readonly GrpcMethod[] {
  const { clients, streamsOf, authorize, loadReports } = options;
  const visible = clientStatusMethods((call) =>
    clients().filter(({ node }) => authorize(node, call.certificateNames) === undefined),
  );
  if (loadReports === undefined) return visible;
  const clusterNames = (node: XdsNode) => {
    const names = streamsOf(node).flatMap(({ snapshot }) => [
      ...(snapshot?.types.get(TYPE_URL.cluster)?.entries.keys() ?? []),
    ]);
    return [...new Set(names)];
  };
  return [...visible, loadStatsMethod({ ...loadReports, authorize, clusterNames })];
}
