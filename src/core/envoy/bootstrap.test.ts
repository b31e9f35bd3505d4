import { describe, expect, test } from 'vitest';
import { bootstrap } from './bootstrap.ts';
import { nodePorts } from './listener-for-node.ts';

const SETTINGS = {
  nodeId: 'edge-1',
  cluster: 'edge',
  ports: {},
  admin: { pipe: '/run/headgate/admin.sock' },
  xds: { at: { pipe: '/run/headgate/xds.sock' } },
  extProc: { at: { host: '127.0.0.1', port: 18_001 } },
};

const http2 = (options: object) => ({
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicitHttpConfig: { http2ProtocolOptions: options },
  },
});

const circuitBreakers = {
  thresholds: [{ maxConnections: 1_000, maxPendingRequests: 100_000, maxRequests: 100_000, maxRetries: 10_000 }],
};

describe('bootstrap', () => {
  test('over Unix sockets and loopback', () => {
    expect(bootstrap(SETTINGS)).toEqual({
      node: { id: 'edge-1', cluster: 'edge' },
      admin: { address: { pipe: { path: '/run/headgate/admin.sock' } } },
      dynamicResources: {
        adsConfig: {
          apiType: 'DELTA_GRPC',
          transportApiVersion: 'V3',
          setNodeOnFirstMessageOnly: true,
          grpcServices: [
            {
              envoyGrpc: {
                clusterName: 'headgate_xds',
                retryPolicy: { retryBackOff: { baseInterval: '0.250s', maxInterval: '5s' } },
              },
            },
          ],
          configValidators: [
            {
              name: 'envoy.config.validators.minimum_clusters',
              typedConfig: {
                '@type':
                  'type.googleapis.com/envoy.extensions.config.validators.minimum_clusters.v3.MinimumClustersValidator',
                minClustersNum: 1,
              },
            },
          ],
        },
        ldsConfig: { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '0s' },
        cdsConfig: { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '0s' },
      },
      layeredRuntime: {
        layers: [{ name: 'headgate', staticLayer: { 'envoy.reloadable_features.ext_proc_graceful_grpc_close': true } }],
      },
      bootstrapExtensions: [
        {
          name: 'envoy.bootstrap.internal_listener',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
          },
        },
      ],
      staticResources: {
        clusters: [
          {
            name: 'headgate_xds',
            type: 'STATIC',
            connectTimeout: '1s',
            typedExtensionProtocolOptions: http2({ connectionKeepalive: { interval: '30s', timeout: '5s' } }),
            loadAssignment: {
              clusterName: 'headgate_xds',
              endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path: '/run/headgate/xds.sock' } } } }] }],
            },
          },
          {
            name: 'headgate_ext_proc',
            clusterType: {
              name: 'envoy.clusters.aggregate',
              typedConfig: {
                '@type': 'type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig',
                clusters: ['headgate_deciders', 'headgate_standing_decider'],
              },
            },
            lbPolicy: 'CLUSTER_PROVIDED',
            connectTimeout: '1s',
            circuitBreakers,
          },
          {
            name: 'headgate_deciders',
            type: 'EDS',
            edsClusterConfig: { edsConfig: { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '3s' } },
            connectTimeout: '1s',
            circuitBreakers,
            typedExtensionProtocolOptions: http2({ maxConcurrentStreams: 1_000 }),
            healthChecks: [
              {
                timeout: '1s',
                interval: '2s',
                noTrafficInterval: '5s',
                intervalJitterPercent: 10,
                unhealthyThreshold: 2,
                healthyThreshold: 1,
                grpcHealthCheck: {},
              },
            ],
            ignoreHealthOnHostRemoval: true,
            commonLbConfig: { healthyPanicThreshold: { value: 0 }, updateMergeWindow: '0s' },
          },
          {
            name: 'headgate_standing_decider',
            type: 'STATIC',
            connectTimeout: '1s',
            circuitBreakers,
            typedExtensionProtocolOptions: http2({ maxConcurrentStreams: 1_000 }),
            loadAssignment: {
              clusterName: 'headgate_standing_decider',
              endpoints: [
                {
                  lbEndpoints: [
                    { endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: 18_001 } } } },
                  ],
                },
              ],
            },
          },
        ],
      },
    });
  });

  test('reports how upstreams fare where that is wanted', () => {
    expect(bootstrap({ ...SETTINGS, reportsLoad: true }).clusterManager).toEqual({
      loadStatsConfig: {
        ...{ apiType: 'GRPC', transportApiVersion: 'V3' },
        grpcServices: [{ envoyGrpc: { clusterName: 'headgate_xds' } }],
      },
    });
  });

  test('says where the proxy stands', () => {
    const locality = { region: 'eu', zone: 'eu-1', subZone: 'rack-7' };
    expect(bootstrap({ ...SETTINGS, locality }).node).toEqual({ id: 'edge-1', cluster: 'edge', locality });
  });

  test('says the labels by which waves choose', () => {
    const { node } = bootstrap({ ...SETTINGS, labels: { ring: 'canary' }, ports: { api: 10_001 } });
    expect(node?.metadata).toEqual({ 'headgate.ports': { api: 10_001 }, 'headgate.labels': { ring: 'canary' } });
  });

  test('the ports that it says are the ports that the control plane reads', () => {
    const { node } = bootstrap({ ...SETTINGS, ports: { api: 10_001 } });
    expect(nodePorts(node?.metadata ?? {})).toEqual({ api: 10_001 });
  });
});
