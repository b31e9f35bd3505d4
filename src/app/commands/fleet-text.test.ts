import { expect, test } from 'vitest';
import type { FleetView, ProxyView } from '../control/fleet-view.ts';
import { describeFleet, describeProxy, fleetChanges } from './fleet-text.ts';

const [LIVE, NEXT] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`] as const;
const NOW_MS = 600_000;

const well: ProxyView = {
  ...{ node: 'edge-1', fleet: 'edge', state: 'current', peer: '10.0.0.1:4000', version: '1.40.0', connectedAtMs: 0 },
  ...{ pushed: { responses: 4, resources: 9, bytes: 2_000 }, offered: LIVE, acknowledged: LIVE, refusals: [] },
};
const refusing: ProxyView = {
  ...{ ...well, node: 'edge-2', state: 'refusing', offered: NEXT },
  refusals: [
    {
      ...{ kind: 'Listener', names: ['api'], message: 'Address in use', atMs: 595_000, digest: NEXT, stands: true },
      places: ['fleet.yaml:4'],
    },
  ],
};
const { acknowledged: _, offered: __, ...nothing } = well;
const held: ProxyView = {
  ...nothing,
  node: 'edge-3',
  state: 'held',
  held: 'Envoy 1.39.0 is older than 1.40',
  version: '1.39.0',
};

const VIEW: FleetView = {
  fleets: [
    {
      ...{ fleet: 'edge', proxies: 3, states: { refusing: 1, held: 1, current: 1 } },
      revisions: [{ digest: LIVE, commit: 'c'.repeat(40), mark: 'live', proxies: 2 }, { proxies: 1 }],
      versions: [
        { version: '1.40.0', proxies: 2 },
        { version: '1.39.0', proxies: 1 },
      ],
    },
  ],
  ...{ proxies: [well, refusing, held], matching: 5 },
  refusedIdentities: [{ identity: 'DNS:batch', cluster: 'edge', node: 'x', count: 2, lastAtMs: 540_000 }],
};

function squeezed(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^[┌├└]/.test(line));
  return lines.map((line) => line.replaceAll(/[│\s]+/g, ' ').trim());
}

test('the fleet for people', () => {
  expect(squeezed(describeFleet(VIEW, NOW_MS))).toEqual([
    'fleet proxies refusing held straggler current revisions envoy',
    'edge 3 1 1 - 1 2 sha256:aaaaaaaaaaaa cccccccccccc live 2 1.40.0',
    '1 nothing yet 1 1.39.0',
    '',
    'proxy fleet envoy state acknowledged connected pushes',
    'edge-1 edge 1.40.0 current sha256:aaaaaaaaaaaa 10m 4',
    'edge-2 edge 1.40.0 refusing Listener api sha256:aaaaaaaaaaaa 10m 4',
    'edge-3 edge 1.39.0 Envoy 1.39.0 is older than 1.40 - 10m 4',
    '',
    '2 more: --limit 5',
    '',
    'edge-2 refused Listener api 5s ago: Address in use',
    '--> fleet.yaml:4',
    '',
    'turned away: DNS:batch as x of edge, 2 times, the last 1m ago',
    '',
  ]);
});

test('nobody is there', () => {
  expect(describeFleet({ fleets: [], proxies: [], matching: 0 }, NOW_MS)).toBe('no proxy is connected\n');
});

test('one proxy for people', () => {
  expect(describeProxy({ ...VIEW, proxies: [refusing] }, NOW_MS)).toBe(`proxy         edge-2
fleet         edge
state         refusing
envoy         1.40.0
from          10.0.0.1:4000
connected     1970-01-01T00:00:00.000Z, 10m ago
offered       ${NEXT}
acknowledged  ${LIVE}
pushed        4 responses, 9 resources, 2000 bytes
edge-2 refused Listener api 5s ago: Address in use
  --> fleet.yaml:4
`);
});

test('a watch tells who changed, and who left', () => {
  const before: FleetView = {
    fleets: [],
    proxies: [well, { ...refusing, state: 'straggler', refusals: [] }],
    matching: 2,
  };
  const after: FleetView = { fleets: [], proxies: [refusing], matching: 1 };
  expect(fleetChanges('disconnected')(after, before)).toEqual([
    'proxy edge-2 of edge: refusing Listener api, has sha256:aaaaaaaaaaaa, fleet.yaml:4',
    'proxy edge-1 of edge: disconnected',
  ]);
  const cut: FleetView = { fleets: [], proxies: [refusing], matching: 2 };
  expect(fleetChanges('disconnected')(cut, before).at(-1)).toBe('proxy edge-1 of edge: no longer shown');
});
