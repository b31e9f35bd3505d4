import { describe, expect, test } from 'vitest';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import { ClusterLoadAssignmentSchema } from '../../gen/envoy/config/endpoint/v3/endpoint_pb.js';
import { RouteConfigurationSchema } from '../../gen/envoy/config/route/v3/route_pb.js';
import { withCarriedClusters } from './carried-clusters.ts';
import { envoyResource } from './resource.ts';

const cluster = (name: string) => envoyResource(ClusterSchema, { name }, []);
const endpoints = (clusterName: string) => envoyResource(ClusterLoadAssignmentSchema, { clusterName }, []);
const routes = (name: string) => envoyResource(RouteConfigurationSchema, { name }, []);

describe('withCarriedClusters', () => {
  test('keeps what an attempt list of the previous revision can name, and nothing else', () => {
    const previous = [
      cluster('hop-old'),
      cluster('pool-old'),
      cluster('provider-old'),
      endpoints('pool-old'),
      routes('old'),
    ];
    const current = [cluster('hop-new'), routes('edge')];
    expect(withCarriedClusters(current, previous)).toEqual([
      cluster('hop-new'),
      cluster('hop-old'),
      cluster('pool-old'),
      endpoints('pool-old'),
      routes('edge'),
    ]);
  });

  test('a cluster that is still there is the current one', () => {
    const current = [envoyResource(ClusterSchema, { name: 'pool-own', type: 'EDS' }, [])];
    expect(withCarriedClusters(current, [cluster('pool-own')])).toEqual(current);
  });

  test('one revision later they are gone', () => {
    const [first, second, third] = [[cluster('pool-old')], [cluster('pool-own')], [cluster('pool-own')]];
    expect(withCarriedClusters(second, first).map(({ name }) => name)).toEqual(['pool-old', 'pool-own']);
    expect(withCarriedClusters(third, second).map(({ name }) => name)).toEqual(['pool-own']);
  });
});
