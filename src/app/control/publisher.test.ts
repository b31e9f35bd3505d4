import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { ok } from '../../core/base/result.ts';
import type { Publication } from '../../io/grpc/fleet-content.ts';
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
  const published: [string, Publication][] = [];
  const withdrawn: string[] = [];
  const publisher = createPublisher(
    {
      publish: (fleet, publication) => published.push([fleet, publication]),
      withdraw: (fleet) => withdrawn.push(fleet),
    },
    { system: { path: '/etc/ssl/certs/ca-certificates.crt' }, named: {} },
    () => undefined,
  );
  return { published, withdrawn, publisher };
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
