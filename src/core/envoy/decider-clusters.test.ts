import { expect, test } from 'vitest';
import { deciderEndpoints } from './decider-clusters.ts';
import { resourceJson } from './open-references.ts';

const tcp = (host: string, port: number) => ({ host, port });
const lbEndpoint = (address: object) => ({ endpoint: { address } });

test('registered deciders are the endpoints of their cluster, in an order that is their own', () => {
  const places = [{ pipe: '/run/one.sock' }, tcp('10.0.0.2', 18_001), tcp('10.0.0.1', 18_001)];
  const resource = deciderEndpoints(places);
  expect(resourceJson(resource)).toEqual({
    clusterName: 'headgate_deciders',
    policy: { overprovisioningFactor: 1_000_000 },
    endpoints: [
      {
        lbEndpoints: [
          lbEndpoint({ pipe: { path: '/run/one.sock' } }),
          lbEndpoint({ socketAddress: { address: '10.0.0.1', portValue: 18_001 } }),
          lbEndpoint({ socketAddress: { address: '10.0.0.2', portValue: 18_001 } }),
        ],
      },
    ],
  });
  expect(deciderEndpoints(places.toReversed())).toEqual(resource);
});

test('nobody registered: an assignment without an endpoint, so that no proxy waits for one', () => {
  expect(resourceJson(deciderEndpoints([]))).toEqual({
    clusterName: 'headgate_deciders',
    policy: { overprovisioningFactor: 1_000_000 },
  });
});
