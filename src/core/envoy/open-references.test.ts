import { describe, expect, test } from 'vitest';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { ListenerJson } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { ListenerSchema } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../gen/envoy/config/route/v3/route_pb.js';
import { HttpConnectionManagerSchema } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { PriorityGroupClusterSpecifierSchema } from '../../gen/envoy/extensions/router/cluster_specifiers/priority_group/v3/priority_group_pb.js';
import { OVER_ADS } from './ads.ts';
import { listeners } from './listeners.ts';
import { openReferences } from './open-references.ts';
import { poolResources } from './pool-resources.ts';
import { providerResources } from './provider-resources.ts';
import { envoyResource, extension } from './resource.ts';

const origin = { file: 'a.yaml', line: 1, column: 1 };

const fleet = { name: 'edge', origin, cluster: 'edge', listeners: [] };
const pool = { name: 'own', origin, engine: 'vllm' as const, endpoints: [] };
const provider = {
  name: 'groq',
  origin,
  type: 'groq' as const,
  endpoint: { scheme: 'https' as const, host: 'api.groq.example', port: 443, basePath: '' },
  authentication: { header: 'authorization', prefix: 'Bearer ' },
  secret: 'groq-key',
};
const authorities = { system: { path: '/certificates.pem' }, named: {} };

describe('openReferences', () => {
  test('O4: a route to a cluster, and an attempt list', () => {
    const groups = extension('attempts', PriorityGroupClusterSpecifierSchema, {
      priorityGroups: [{ name: 'one', clusters: [{ clusterName: 'gone', weight: 1 }] }],
    });
    const routes = [
      { match: { prefix: '/a' }, route: { cluster: 'away' } },
      { match: { prefix: '/b' }, route: { inlineClusterSpecifierPlugin: { extension: groups } } },
    ];
    const resource = envoyResource(
      RouteConfigurationSchema,
      { name: 'edge', virtualHosts: [{ name: 'all', domains: ['*'], routes }] },
      [],
    );
    expect(openReferences([resource], [])).toEqual(['cluster away', 'cluster gone']);
  });

  test('O4: the routes of a listener', () => {
    const manager = extension('manager', HttpConnectionManagerSchema, {
      rds: { configSource: OVER_ADS, routeConfigName: 'edge' },
    });
    const json: ListenerJson = { name: 'edge-api', filterChains: [{ filters: [manager] }] };
    expect(openReferences([envoyResource(ListenerSchema, json, [])], [])).toEqual(['routes edge']);
  });

  test('O4: the endpoints of a pool', () => {
    const [cluster, endpoints] = poolResources(pool);
    expect([cluster, endpoints].map((one) => openReferences(one === undefined ? [] : [one], []))).toEqual([
      ['endpoints pool-own'],
      [],
    ]);
    expect(openReferences(poolResources(pool), [])).toEqual([]);
  });

  test('O4: the secret of a provider, and the listener behind its hop', () => {
    const resources = providerResources(provider, authorities);
    expect(openReferences(resources, [])).toEqual(['listener providers', 'secret secret-groq-key']);
    expect(openReferences([...resources, ...listeners(fleet)], ['secret-groq-key'])).toEqual(['routes providers']);
  });

  test('a cluster that the static part of the bootstrap has is no hole', () => {
    const grpc = envoyResource(ClusterSchema, { name: 'headgate_ext_proc' }, []);
    expect(openReferences([grpc, ...listeners(fleet)], [])).toEqual(['routes providers']);
  });
});
