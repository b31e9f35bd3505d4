import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { XdsNode } from '../../core/xds/node.ts';
import { LoadStatsRequestSchema, LoadStatsResponseSchema } from '../../gen/envoy/service/load_stats/v3/lrs_pb.js';
import type { GrpcCall, GrpcMethod, GrpcReceiver } from '../net/grpc-method.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { clusterLoad, type LoadReport } from './load-report.ts';
import { nodeOf } from './node-wire.ts';

const PATH = '/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats';
/** A report of 10,000 endpoints is about 1 MiB. */
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;
/** What a proxy says of itself when it can be asked for the load of all its clusters without their names. */
const ALL_CLUSTERS = 'envoy.lrs.supports_send_all_clusters';

export interface LoadStatsOptions {
  /** How often proxies report, in milliseconds. */
  readonly intervalMs: number;
  readonly onReport: (report: LoadReport) => void;
  /** Why a node may not report, undefined where it may. */
  readonly authorize: (node: XdsNode, certificateNames: string) => string | undefined;
  /** The clusters that a node is served: a proxy that cannot report all by itself is asked for these. */
  readonly clusterNames: (node: XdsNode) => readonly string[];
}

/** LRS (envoy.service.load_stats.v3, row V2): proxies tell how their upstreams fare, endpoint by endpoint. */
export function loadStatsMethod(options: LoadStatsOptions): GrpcMethod {
  return {
    path: PATH,
    requestBytesMax: REQUEST_BYTES_MAX,
    open: (call) => new LoadStatsCall(call, options),
  };
}

class LoadStatsCall implements GrpcReceiver {
  readonly #call: GrpcCall;
  readonly #options: LoadStatsOptions;
  #node: string | undefined;

  constructor(call: GrpcCall, options: LoadStatsOptions) {
    this.#call = call;
    this.#options = options;
  }

  message(bytes: Uint8Array): void {
    let request: ReturnType<typeof decode>;
    try {
      request = decode(bytes);
    } catch {
      this.#call.end(GRPC_STATUS.invalidArgument);
      return;
    }
    const { message, node } = request;
    if (this.#node === undefined) this.#begin(node);
    if (this.#node === undefined || message.clusterStats.length === 0) return;
    this.#options.onReport({ node: this.#node, clusters: message.clusterStats.map(clusterLoad) });
  }

  halfClosed(): void {
    this.#call.end(GRPC_STATUS.ok);
  }

  closed(): void {
    this.#node = undefined;
  }

  /** The first message tells who it is; it is answered with what is wanted. */
  #begin(node: XdsNode | undefined): void {
    if (node === undefined || node.id === '') {
      this.#call.end(GRPC_STATUS.invalidArgument, 'the first request of a stream must carry node.id');
      return;
    }
    const refusal = this.#options.authorize(node, this.#call.certificateNames);
    if (refusal !== undefined) {
      this.#call.end(GRPC_STATUS.permissionDenied, refusal);
      return;
    }
    this.#node = node.id;
    const sendAllClusters = node.features?.has(ALL_CLUSTERS) === true;
    const clusters = sendAllClusters ? [] : [...this.#options.clusterNames(node)];
    // Without a cluster there is nothing to ask for; the stream stays open, and the proxy is not asked.
    if (!sendAllClusters && clusters.length === 0) return;
    const response = create(LoadStatsResponseSchema, {
      clusters,
      sendAllClusters,
      loadReportingInterval: durationFromMs(this.#options.intervalMs),
      reportEndpointGranularity: true,
    });
    this.#call.write(toBinary(LoadStatsResponseSchema, response));
  }
}

function decode(bytes: Uint8Array) {
  const message = fromBinary(LoadStatsRequestSchema, bytes, { readUnknownFields: false });
  return { message, node: message.node === undefined ? undefined : nodeOf(message.node) };
}
