import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPublisher, type Publisher } from '../../src/app/control/publisher.ts';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import type { Bundle } from '../../src/app/revision/bundle.ts';
import { compileRevision } from '../../src/app/revision/compile-revision.ts';
import { present } from '../../src/core/base/assert.ts';
import type { Digest } from '../../src/core/base/digest.ts';
import { ok } from '../../src/core/base/result.ts';
import { secretResource } from '../../src/core/envoy/secret-resource.ts';
import { poolCluster } from '../../src/core/ir/upstream.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { ClusterSchema } from '../../src/gen/envoy/config/cluster/v3/cluster_pb.js';
import { ListenerSchema } from '../../src/gen/envoy/config/listener/v3/listener_pb.js';
import { RouteConfigurationSchema } from '../../src/gen/envoy/config/route/v3/route_pb.js';
import type { FleetResource } from '../../src/io/grpc/fleet-content.ts';
import type { XdsServerEvent } from '../../src/io/grpc/xds-events.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { fixtureText, routeDocument } from '../support/revision-fixture.ts';
import { startEnvoy } from './xds-envoy-process.ts';
import { startXdsLab, type XdsLab } from './xds-lab.ts';

/** Makes of a resource something that Envoy refuses; of others nothing. */
type Tamper = (resource: FleetResource) => FleetResource;

/** A field that no message of Envoy has: where such are refused, the whole response is, and none is named. */
const UNKNOWN_FIELD = new Uint8Array([0xd2, 0xff, 0x3f, 0x01, 0x61]);

function changed<Desc extends DescMessage>(
  schema: Desc,
  name: string,
  change: (message: MessageShape<Desc>) => void,
): Tamper {
  const typeUrl = `type.googleapis.com/${schema.typeName}`;
  return (resource) => {
    if (resource.typeUrl !== typeUrl || resource.name !== name) return resource;
    const message = fromBinary(schema, resource.bytes);
    change(message);
    return { ...resource, bytes: toBinary(schema, message) };
  };
}

function withUnknownField(typeUrl: string, name: string): Tamper {
  return (resource) =>
    resource.typeUrl === typeUrl && resource.name === name
      ? { ...resource, bytes: new Uint8Array([...resource.bytes, ...UNKNOWN_FIELD]) }
      : resource;
}

describeWithTool('envoy', 'what Envoy refuses is told at its line', (binary) => {
  const owned = new AsyncDisposableStack();
  let lab: XdsLab;
  let publisher: Publisher;
  let port: number;
  let tamper: Tamper = (resource) => resource;
  let revisions = 0;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headgate-refusals-'));
    owned.defer(() => rm(folder, { recursive: true }));
    const xds = join(folder, 'xds.sock');
    lab = await startXdsLab({ listen: [{ path: xds }], secretResource });
    owned.defer(() => lab.server.close());
    port = await freePort();
    publisher = createPublisher(
      {
        publish: (fleet, publication, trial) => {
          const resources = publication.resources.map((resource) => tamper(resource));
          lab.server.publish(fleet, { ...publication, resources }, trial);
        },
        withdraw: () => undefined,
      },
      { system: { path: '/etc/ssl/certs/ca-certificates.crt' }, named: {} },
      () => undefined,
    );
    publisher.publish(await nextBundle());
    const envoy = await startEnvoy(binary, folder, 'edge-1', xds);
    owned.defer(() => envoy.stop());
    await lab.until(({ kind }) => kind === 'fully-acknowledged');
  });
  afterAll(() => owned.disposeAsync());

  /** The tree of the tests: each time a revision of its own. */
  async function nextBundle(): Promise<Bundle> {
    revisions += 1;
    const route = `match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]\n  timeouts: { total: ${60 + revisions}s }`;
    const texts = {
      'fleets/edge.yaml': `apiVersion: headgate.dev/v1\nkind: Fleet\nmetadata: { name: edge }\nspec:\n  match: { cluster: edge }\n  listeners:\n    - { name: api, port: ${port} }\n`,
      'catalog.yaml': fixtureText({ routes: [] }),
      'routes/a-first.yaml': routeDocument(
        'a-first',
        'match: { models: [ next ], teams: [ "*" ] }\n  targets: [ { offers: [ own ] } ]\n  timeouts: { total: 50s }',
      ).trimStart(),
      'routes/chat.yaml': routeDocument('chat', route).trimStart(),
    };
    const files = Object.entries(texts).map(([path, text]) => ({ path, blobId: text, bytes: Buffer.from(text) }));
    const compilePolicies = () =>
      Promise.resolve(ok({ wasm: new Uint8Array(0), index: { guardrails: {} }, builtinPackages: [] }));
    const { bundle, diagnostics } = await compileRevision(
      { commit: `c${revisions}`, files, findings: [] },
      compilePolicies,
      undefined,
    );
    return present(bundle, JSON.stringify(diagnostics));
  }

  async function refusedAt(damage: Tamper): Promise<{ readonly places: string[]; readonly message: string }> {
    tamper = damage;
    const bundle = await nextBundle();
    publisher.publish(bundle);
    const isNamed = (each: XdsServerEvent) =>
      each.kind === 'rejected' && each.revision === bundle.digest && !each.isolating;
    const event = (await lab.until(isNamed)) as Extract<XdsServerEvent, { kind: 'rejected' }>;
    const found = publisher.explainRefusal({ ...event, digest: event.revision as Digest, fleet: event.fleet ?? '' });
    tamper = (resource) => resource;
    const good = await nextBundle();
    publisher.publish(good);
    await lab.until((each) => each.kind === 'fully-acknowledged' && each.revision === good.digest);
    const places = found.map(({ span: { file, start } }) => `${file}:${start.line}`);
    return { places, message: found.map(({ message }) => message).join('\n') };
  }

  const catalogLine = (text: string) => fixtureText({ routes: [] }).split(text)[0]?.split('\n').length;

  test('a listener', async () => {
    const damage = changed(ListenerSchema, 'edge-api', (resource) => {
      resource.filterChains = [];
    });
    const { places, message } = await refusedAt(damage);
    expect(places).toEqual(['fleets/edge.yaml:7']);
    expect(message).toMatch(/^Envoy refused Listener edge-api: .*filter chain/);
  });

  test('a cluster', async () => {
    const name = poolCluster('gpus');
    const damage = changed(ClusterSchema, name, (resource) => {
      resource.edsClusterConfig = undefined;
    });
    const { places, message } = await refusedAt(damage);
    expect(places).toEqual([`catalog.yaml:${catalogLine('metadata: { name: gpus }')}`]);
    expect(message).toContain(`Envoy refused Cluster ${name}: `);
  });

  test('routes, at the Route that changed', async () => {
    const damage = changed(RouteConfigurationSchema, 'edge', (resource) => {
      for (const host of resource.virtualHosts) host.domains.push('*');
    });
    const { places, message } = await refusedAt(damage);
    expect(places).toEqual(['routes/chat.yaml:3']);
    expect(message).toMatch(/^Envoy refused RouteConfiguration edge: /);
  });

  test.each([
    ['a cluster', TYPE_URL.cluster],
    ['endpoints', TYPE_URL.endpoints],
  ])('%s that is refused without a name', async (_, typeUrl) => {
    const { places } = await refusedAt(withUnknownField(typeUrl, poolCluster('gpus')));
    expect(places).toEqual([expect.stringMatching(/^catalog\.yaml:\d+$/)]);
  });
});
