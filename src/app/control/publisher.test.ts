import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { ok } from '../../core/base/result.ts';
import type { Publication } from '../../io/grpc/fleet-content.ts';
import type { Trial } from '../../io/grpc/fleet-tracks.ts';
import type { Bundle } from '../revision/bundle.ts';
import { compileRevision } from '../revision/compile-revision.ts';
import { createPublisher } from './publisher.ts';

const LISTENER = 'type.googleapis.com/envoy.config.listener.v3.Listener';

const FLEETS = `apiVersion: headgate.dev/v1
kind: Fleet
metadata: { name: edge }
spec: { match: { cluster: edge }, listeners: [ { name: api, port: 10000 } ] }
---
apiVersion: headgate.dev/v1
kind: Fleet
metadata: { name: lab }
spec:
  match: { cluster: lab }
  listeners:
    - { name: api, port: 10001 }
`;

async function bundleOf(text: string): Promise<Bundle> {
  const files = [{ path: 'fleets.yaml', blobId: '', bytes: new TextEncoder().encode(text) }];
  const noPolicies = { wasm: new Uint8Array(0), index: { guardrails: {} }, builtinPackages: [] };
  const compilePolicies = () => Promise.resolve(ok(noPolicies));
  const { bundle } = await compileRevision({ commit: 'c1', files, findings: [] }, compilePolicies, undefined);
  return present(bundle, 'a tree without errors');
}

function publisherLab() {
  const published: [string, Publication, Trial?][] = [];
  const followed: string[][] = [];
  const withdrawn: string[] = [];
  const publisher = createPublisher(
    {
      publish: (fleet, publication, trial) => {
        published.push(trial === undefined ? [fleet, publication] : [fleet, publication, trial]);
      },
      withdraw: (fleet) => withdrawn.push(fleet),
    },
    { system: { path: '/etc/ssl/certs/ca-certificates.crt' }, named: {} },
    ({ pools }) => followed.push(Object.values(pools).flatMap(({ endpoints }) => endpoints)),
  );
  return { published, withdrawn, followed, publisher };
}

test('every fleet is served its resources, under the digest of the revision', async () => {
  const { published, publisher } = publisherLab();
  const bundle = await bundleOf(FLEETS);
  publisher.publish(bundle);
  expect(published.map(([fleet, { revision }]) => [fleet, revision])).toEqual([
    ['edge', bundle.digest],
    ['lab', bundle.digest],
  ]);
});

test('a fleet that is gone is served nothing from then on', async () => {
  const { withdrawn, publisher } = publisherLab();
  publisher.publish(await bundleOf(FLEETS));
  const [edge] = FLEETS.split('---');
  publisher.publish(await bundleOf(present(edge, 'the first fleet')));
  publisher.publish(await bundleOf(FLEETS));
  expect(withdrawn).toEqual(['lab']);
});

/** The fleet `edge` with a pool of this name. */
function withPool(pool: string, address: string): Promise<Bundle> {
  const spec = `{ engine: vllm, endpoints: { static: [ "${address}" ] } }`;
  const [edge] = FLEETS.split('---');
  return bundleOf(`${edge}---\napiVersion: headgate.dev/v1\nkind: Pool\nmetadata: { name: ${pool} }\nspec: ${spec}\n`);
}

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

function poolClusters({ resources }: Publication): string[] {
  return resources.flatMap(({ typeUrl, name }) => (typeUrl === CLUSTER && name.startsWith('pool-') ? [name] : []));
}

/** Of each publication: its revision with its pools, and the same of the trial with its proxies. */
function told([fleet, publication, trial]: readonly [string, Publication, Trial?]): unknown[] {
  const stable = [fleet, publication.revision, poolClusters(publication)];
  return trial === undefined
    ? stable
    : [...stable, trial.publication.revision, poolClusters(trial.publication), trial.nodes];
}

test('some proxies are offered a revision while the others keep theirs, and both keep the pools that requests name', async () => {
  const { published, followed, publisher } = publisherLab();
  const [before, after] = [await withPool('old', '10.0.0.1:80'), await withPool('new', '10.0.0.2:80')];
  publisher.publish(before);
  publisher.offer(after, new Map([['edge', new Set(['a'])]]));
  publisher.offer(after, new Map([['edge', 'all' as const]]));
  publisher.publish(after);
  const both = ['pool-new', 'pool-old'];
  expect(published.map(told)).toEqual([
    ['edge', before.digest, ['pool-old']],
    ['edge', before.digest, ['pool-old'], after.digest, both, new Set(['a'])],
    ['edge', before.digest, ['pool-old'], after.digest, both, 'all'],
    ['edge', after.digest, both],
  ]);
  // What reached everybody as a trial is the very same publication: nothing is sent.
  expect(published[3]?.[1]).toBe(published[2]?.[2]?.publication);
  expect(followed).toEqual([
    ['10.0.0.1:80'],
    ['10.0.0.1:80', '10.0.0.2:80'],
    ['10.0.0.1:80', '10.0.0.2:80'],
    ['10.0.0.2:80'],
  ]);
});

test('a revision that is taken back leaves its pools to the proxies that had it, and the others as they are', async () => {
  const { published, publisher } = publisherLab();
  const [before, after] = [await withPool('old', '10.0.0.1:80'), await withPool('new', '10.0.0.2:80')];
  publisher.publish(before);
  publisher.offer(after, new Map([['edge', new Set(['a'])]]));
  publisher.takeBack();
  expect(published.map(told).at(-1)).toEqual([
    ...['edge', before.digest, ['pool-old']],
    ...[before.digest, ['pool-new', 'pool-old'], new Set(['a'])],
  ]);
  expect(published[2]?.[1]).toBe(published[0]?.[1]);
});

test('a revision that another one takes the place of leaves its pools to the proxies that go back', async () => {
  const { published, publisher } = publisherLab();
  const [before, bad] = [await withPool('old', '10.0.0.1:80'), await withPool('bad', '10.0.0.2:80')];
  const after = await withPool('new', '10.0.0.3:80');
  publisher.publish(before);
  publisher.offer(bad, new Map([['edge', new Set(['a', 'b'])]]));
  publisher.offer(after, new Map([['edge', new Set(['a'])]]));
  publisher.offer(after, new Map([['edge', new Set(['a', 'b'])]]));
  const stable = ['edge', before.digest, ['pool-bad', 'pool-old']];
  const offered = [after.digest, ['pool-bad', 'pool-new', 'pool-old']];
  expect(published.slice(2).map(told)).toEqual([
    [...stable, ...offered, new Set(['a'])],
    [...stable, ...offered, new Set(['a', 'b'])],
  ]);
  // With the next wave nobody goes back: the others are sent nothing.
  expect(published[3]?.[1]).toBe(published[2]?.[1]);
});

test('a fleet that is new has a revision at once, and holds nothing when it is taken back', async () => {
  const { published, withdrawn, publisher } = publisherLab();
  const [edge] = FLEETS.split('---');
  const [before, after] = [await bundleOf(present(edge, 'the first fleet')), await bundleOf(FLEETS)];
  publisher.publish(before);
  publisher.offer(after, new Map([['lab', 'all' as const]]));
  publisher.takeBack();
  expect([published.map(told), withdrawn]).toEqual([
    [
      ['edge', before.digest, []],
      ['edge', before.digest, []],
      ['lab', after.digest, []],
      ['lab', before.digest, []],
    ],
    ['lab'],
  ]);
  expect(published.at(-1)).toEqual(['lab', { revision: before.digest, resources: [], secretNames: [] }]);
});

test.each<[string, 'offer' | 'publish']>([
  ['offered', 'offer'],
  ['published', 'publish'],
])('a fleet that only a revision had whose place another one takes holds nothing: the other is %s', async (_, how) => {
  const { published, withdrawn, publisher } = publisherLab();
  const [edge] = FLEETS.split('---');
  const [before, bad] = [await bundleOf(present(edge, 'the first fleet')), await bundleOf(FLEETS)];
  const after = await withPool('new', '10.0.0.3:80');
  publisher.publish(before);
  publisher.offer(bad, new Map([['lab', 'all' as const]]));
  publisher[how](after, new Map());
  expect(withdrawn).toEqual(['lab']);
  expect(published.filter(([fleet]) => fleet === 'lab').at(-1)).toEqual([
    ...['lab', { revision: after.digest, resources: [], secretNames: [] }],
  ]);
});

test('a listener that a proxy refuses is told at the line of its own fleet', async () => {
  const { publisher } = publisherLab();
  const bundle = await bundleOf(FLEETS);
  publisher.publish(bundle);
  const refused = publisher.explainRefusal({
    digest: bundle.digest,
    fleet: 'lab',
    node: 'lab-1',
    typeUrl: LISTENER,
    names: ['edge-api'],
    message: 'cannot bind: Address in use',
  });
  expect(refused).toEqual([
    {
      code: 'HG6001',
      severity: 'error',
      message: 'Envoy refused Listener edge-api: cannot bind: Address in use',
      span: { file: 'fleets.yaml', start: { line: 12, column: 26 }, end: { line: 12, column: 27 } },
      related: [],
    },
  ]);
});

test('a refusal that names nothing of ours still says what Envoy said', async () => {
  const { publisher } = publisherLab();
  const { digest } = await bundleOf(FLEETS);
  const start = { line: 1, column: 1 };
  expect(
    publisher.explainRefusal({ digest, fleet: 'lab', node: 'lab-1', typeUrl: LISTENER, names: [], message: 'no' }),
  ).toEqual([
    {
      code: 'HG6001',
      severity: 'error',
      message: 'Envoy refused Listener: no',
      span: { file: '(compiled)', start, end: { line: 1, column: 2 } },
      related: [],
    },
  ]);
});
