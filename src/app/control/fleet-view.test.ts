import { describe, expect, test } from 'vitest';
import type { ProxyStatus } from '../../io/grpc/xds-events.ts';
import { type FleetFacts, type FleetQuery, fleetView } from './fleet-view.ts';

const [LIVE, NEXT] = ['sha256:live', 'sha256:next'];
const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

function proxy(node: string, parts: Partial<ProxyStatus> = {}): ProxyStatus {
  return {
    ...{ stream: 1, node, fleet: 'edge', peer: '127.0.0.1:1', version: '1.40.0', connectedAtMs: 5 },
    ...{ held: undefined, offered: LIVE, fullyAcknowledged: LIVE, types: [] },
    pushed: { responses: 3, resources: 7, bytes: 100 },
    ...parts,
  } as ProxyStatus;
}

const rejection = { atMs: 9, revision: NEXT ?? '', names: ['gpus'], message: 'no such certificate' };
const type = { typeUrl: CLUSTER, acknowledged: LIVE, subscribed: '*', unanswered: 0, rejection } as const;
const PROXIES = [
  proxy('edge-1', { offered: NEXT, fullyAcknowledged: NEXT }),
  proxy('edge-2', { offered: NEXT, version: '1.41.0' }),
  proxy('edge-3', { offered: NEXT, types: [{ ...type, refused: ['gpus'] }] } as Partial<ProxyStatus>),
  proxy('edge-4', { types: [{ ...type, refused: [] }] } as Partial<ProxyStatus>),
  proxy('edge-5', {
    held: 'Envoy 1.39.0 is older than 1.40',
    offered: undefined,
    fullyAcknowledged: undefined,
  } as never),
  proxy('batch-1', { fleet: 'batch', fullyAcknowledged: 'sha256:gone' }),
];

function view(query: Partial<FleetQuery> = {}, facts: Partial<FleetFacts> = {}) {
  return fleetView(
    {
      proxies: PROXIES,
      live: { digest: LIVE ?? '', commit: 'c1' },
      candidate: { digest: NEXT ?? '', commit: 'c2' },
      placesOf: ({ names }) => names.map((name) => `${name}.yaml:3`),
      refusedIdentities: [],
      ...facts,
    },
    { limit: 100, ...query },
  );
}

test('a fleet is summed up by states, revisions and versions', () => {
  expect(view().fleets).toEqual([
    {
      fleet: 'batch',
      proxies: 1,
      states: { straggler: 1 },
      revisions: [{ digest: 'sha256:gone', proxies: 1 }],
      versions: [{ version: '1.40.0', proxies: 1 }],
    },
    {
      fleet: 'edge',
      proxies: 5,
      states: { refusing: 1, held: 1, straggler: 1, current: 2 },
      revisions: [
        { digest: LIVE, commit: 'c1', mark: 'live', proxies: 3 },
        { proxies: 1 },
        { digest: NEXT, commit: 'c2', mark: 'candidate', proxies: 1 },
      ],
      versions: [
        { version: '1.40.0', proxies: 4 },
        { version: '1.41.0', proxies: 1 },
      ],
    },
  ]);
});

test('a proxy that refuses is shown with the lines that the refused resources come from', () => {
  const { proxies, matching } = view({ node: 'edge-3' });
  expect([matching, proxies]).toEqual([
    1,
    [
      {
        ...{ node: 'edge-3', fleet: 'edge', state: 'refusing', peer: '127.0.0.1:1', version: '1.40.0' },
        ...{ connectedAtMs: 5, pushed: { responses: 3, resources: 7, bytes: 100 }, offered: NEXT, acknowledged: LIVE },
        refusals: [
          {
            ...{ kind: 'Cluster', names: ['gpus'], message: 'no such certificate', atMs: 9, digest: NEXT },
            ...{ stands: true, places: ['gpus.yaml:3'] },
          },
        ],
      },
    ],
  ]);
});

describe('what is asked for', () => {
  test.each<[string, Partial<FleetQuery>, string[], number]>([
    ['all, who needs somebody first', {}, ['edge-3', 'edge-5', 'edge-2', 'batch-1', 'edge-1', 'edge-4'], 6],
    ['one fleet', { fleet: 'batch' }, ['batch-1'], 1],
    ['no such fleet', { fleet: 'none' }, [], 0],
    ['stragglers', { state: 'straggler' }, ['edge-2', 'batch-1'], 2],
    ['who is held', { state: 'held' }, ['edge-5'], 1],
    ['who refuses', { state: 'refusing' }, ['edge-3'], 1],
    ['some of many', { limit: 2 }, ['edge-3', 'edge-5'], 6],
    ['one that is not there', { node: 'edge-9' }, [], 0],
  ])('%s', (_what, query, nodes, matching) => {
    const found = view(query);
    expect([found.proxies.map(({ node }) => node), found.matching]).toEqual([nodes, matching]);
  });
});

test('who was turned away is told', () => {
  const refused = { identity: 'DNS:batch', cluster: 'edge', node: 'x', count: 2, lastAtMs: 4 };
  expect(view({}, { refusedIdentities: [refused] }).refusedIdentities).toEqual([refused]);
  expect(view()).not.toHaveProperty('refusedIdentities');
});
