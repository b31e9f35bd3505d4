import type { BootstrapJson } from '../../gen/envoy/config/bootstrap/v3/bootstrap_pb.js';
import type { NodeJson } from '../../gen/envoy/config/core/v3/base_pb.js';
import type { ApiConfigSourceJson, ConfigSourceJson } from '../../gen/envoy/config/core/v3/config_source_pb.js';
import { InternalListenerSchema } from '../../gen/envoy/extensions/bootstrap/internal_listener/v3/internal_listener_pb.js';
import { MinimumClustersValidatorSchema } from '../../gen/envoy/extensions/config/validators/minimum_clusters/v3/minimum_clusters_pb.js';
import { placeAddress, type ServerPlace, type SocketPlace, xdsCluster } from './bootstrap-clusters.ts';
import { deciderClusters } from './decider-clusters.ts';
import { NODE_PORTS_KEY, type NodePorts } from './listener-for-node.ts';
import { XDS_CLUSTER } from './names.ts';
import { extension } from './resource.ts';

export type { ServerPlace, SocketPlace } from './bootstrap-clusters.ts';

/** What one proxy needs to know to find the rest. */
export interface BootstrapSettings {
  /** Unique among all proxies. */
  readonly nodeId: string;
  /** The Fleet's `cluster`. */
  readonly cluster: string;
  /** Where the proxy stands, in words of the operator. */
  readonly locality?: { readonly region?: string; readonly zone?: string; readonly subZone?: string };
  /** What waves of a rollout choose by. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Where this proxy listens instead of the Fleet's port; empty for nowhere else. */
  readonly ports: NodePorts;
  /** Whether it reports how its upstreams fare, as often as the control plane wants it (LRS). */
  readonly reportsLoad?: boolean;
  /** Loopback or a Unix socket: whoever reaches it controls the proxy. */
  readonly admin: SocketPlace;
  readonly xds: ServerPlace;
  /** The decider that stands at an address of its own, such as that of `serve`: asked while no registered one is well. */
  readonly extProc: ServerPlace;
}

/** The key of the node's metadata in which its bootstrap says its labels. */
export const NODE_LABELS_KEY = 'headgate.labels';

/** Long enough for any streamed answer: when a listener changes, Envoy cuts its running answers after this. */
const DRAIN_TIME_S = 3_600;

/**
 * How often a proxy that lost its control plane calls again. Envoy's own waits grow to half a minute, and for as long a
 * restarted control plane would look as if it had lost proxies; a fleet of thousands still spreads over seconds.
 */
const RECONNECT = { baseInterval: '0.250s', maxInterval: '5s' };

/**
 * Every fleet has at least the cluster of requests that nobody decided. More than that nobody knows when the bootstrap is
 * written; but an update that takes away all of them is refused by the proxy, which serves on.
 */
const CLUSTERS_MIN = 1;

const LOAD_STATS: ApiConfigSourceJson = {
  apiType: 'GRPC',
  transportApiVersion: 'V3',
  grpcServices: [{ envoyGrpc: { clusterName: XDS_CLUSTER } }],
};

/**
 * What an Envoy must be started with, besides `--config-path`. Hot restart is off because two proxies on one host
 * would need different shared memory for it.
 */
export const ENVOY_ARGUMENTS: readonly string[] = ['--drain-time-s', `${DRAIN_TIME_S}`, '--disable-hot-restart'];

/** The bootstrap file of one proxy, in the JSON form. Everything else comes over xDS. */
export function bootstrap(settings: BootstrapSettings): BootstrapJson {
  return {
    node: nodeOf(settings),
    admin: { address: placeAddress(settings.admin) },
    ...(settings.reportsLoad ? { clusterManager: { loadStatsConfig: LOAD_STATS } } : {}),
    dynamicResources: {
      adsConfig: {
        apiType: 'DELTA_GRPC',
        transportApiVersion: 'V3',
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ envoyGrpc: { clusterName: XDS_CLUSTER, retryPolicy: { retryBackOff: RECONNECT } } }],
        configValidators: [
          extension('envoy.config.validators.minimum_clusters', MinimumClustersValidatorSchema, {
            minClustersNum: CLUSTERS_MIN,
          }),
        ],
      },
      ldsConfig: waitForEver(),
      cdsConfig: waitForEver(),
    },
    layeredRuntime: {
      layers: [
        {
          name: 'headgate',
          // Else Envoy resets every ext_proc stream at its end, and HTTP/2 servers drop a connection with many resets.
          staticLayer: { 'envoy.reloadable_features.ext_proc_graceful_grpc_close': true },
        },
      ],
    },
    // For the hop to the providers.
    bootstrapExtensions: [extension('envoy.bootstrap.internal_listener', InternalListenerSchema, {})],
    staticResources: { clusters: [xdsCluster(settings.xds), ...deciderClusters(settings.extProc)] },
  };
}

function nodeOf({ nodeId, cluster, locality, labels = {}, ports }: BootstrapSettings): NodeJson {
  const metadata = {
    ...(Object.keys(ports).length === 0 ? {} : { [NODE_PORTS_KEY]: { ...ports } }),
    ...(Object.keys(labels).length === 0 ? {} : { [NODE_LABELS_KEY]: { ...labels } }),
  };
  return {
    id: nodeId,
    cluster,
    ...(locality === undefined ? {} : { locality: { ...locality } }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}

/** A proxy without configuration has nothing to serve: it waits for the control plane, however long that takes. */
function waitForEver(): ConfigSourceJson {
  return { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '0s' };
}
