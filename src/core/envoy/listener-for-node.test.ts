import { describe, expect, test } from 'vitest';
import { ClusterSchema } from '../../gen/envoy/config/cluster/v3/cluster_pb.js';
import type { Fleet } from '../ir/ir.ts';
import { listenerForNode, nodePorts } from './listener-for-node.ts';
import { listeners } from './listeners.ts';
import { envoyResource } from './resource.ts';

const origin = { file: 'fleets/edge.yaml', line: 1, column: 1 };
const onPort = (port: number): Fleet => ({
  name: 'edge',
  origin,
  cluster: 'edge',
  listeners: [{ name: 'api', origin, address: '0.0.0.0', port }],
});

describe('listenerForNode', () => {
  test('a node with a port of its own gets what a Fleet with that port would give', () => {
    const forNode = listeners(onPort(10_000)).map((resource) => listenerForNode(resource, { api: 10_001 }));
    expect(forNode).toEqual(listeners(onPort(10_001)));
  });

  test.each([[{}], [{ other: 10_001 }], [{ providers: 10_001 }], [{ 'edge-api': 10_001 }]])(
    '%j changes nothing',
    (ports) => {
      const resources = listeners(onPort(10_000));
      expect(resources.map((resource) => listenerForNode(resource, ports))).toEqual(resources);
    },
  );

  test('a cluster of the same name stays as it is', () => {
    const cluster = envoyResource(ClusterSchema, { name: 'edge-api' }, []);
    expect(listenerForNode(cluster, { api: 10_001 })).toBe(cluster);
  });
});

describe('nodePorts', () => {
  test.each([
    [{}, {}],
    [{ 'headgate.ports': { api: 10_001, admin: 9_901 } }, { api: 10_001, admin: 9_901 }],
    [{ 'headgate.ports': { api: 0, zero: 65_536, half: 1.5, text: '80', none: null } }, {}],
    [{ 'headgate.ports': [80] }, {}],
    [{ 'headgate.ports': 'api=80' }, {}],
  ])('%j: %j', (metadata, ports) => {
    expect(nodePorts(metadata)).toEqual(ports);
  });
});
