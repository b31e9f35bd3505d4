import { expect, test } from 'vitest';
import type { Fleet } from '../ir/ir.ts';
import { fleetDiagnostics, removedClusters } from './lost-fleets.ts';

function fleet(cluster: string): Fleet {
  return { name: cluster, cluster, listeners: [], origin: { file: 'fleets.yaml', line: 1, column: 1 } };
}

const span = { file: '(compiled)', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };

test('a revision without a fleet may not serve', () => {
  expect(fleetDiagnostics([], [{ node: 'edge-1', fleet: 'edge' }])).toEqual([
    {
      ...{ code: 'HG6002', severity: 'error', span, related: [] },
      message: 'no document of kind Fleet: nothing would be served',
    },
  ]);
});

test('nor one that lacks the fleet of connected proxies, each named, or counted', () => {
  const nodes = ['lab-1', 'lab-2', 'lab-3', 'lab-4', 'lab-5', 'lab-6', 'lab-7'];
  const proxies = [
    { node: 'edge-1', fleet: 'edge' },
    ...nodes.map((node) => ({ node, fleet: 'lab' })),
    { node: 'spare-1', fleet: 'spare' },
  ];
  const message = (cluster: string, listed: string) =>
    `no Fleet matches the cluster "${cluster}", and proxies of it are connected: ${listed}`;
  const lost = { code: 'HG6003', severity: 'error', span, related: [] };
  const hint = 'end these proxies first, then remove the Fleet';
  expect(fleetDiagnostics([fleet('edge')], proxies)).toEqual([
    { ...lost, hint, message: message('lab', 'lab-1, lab-2, lab-3, lab-4, lab-5 and 2 more') },
    { ...lost, hint, message: message('spare', 'spare-1') },
  ]);
});

test('one that lacks a fleet without proxies may', () => {
  expect(fleetDiagnostics([fleet('edge')], [{ node: 'edge-1', fleet: 'edge' }])).toEqual([]);
});

test('the clusters that a revision takes away', () => {
  expect(removedClusters([fleet('edge'), fleet('lab')], [fleet('edge'), fleet('new')])).toEqual(['lab']);
});
