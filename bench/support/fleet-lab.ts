import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { type AdminClient, createAdminClient } from '../../src/app/demo/stack/admin-client.ts';
import { ConfigRepository } from '../../src/app/demo/stack/config-repository.ts';
import { type HeadgateProcess, startHeadgateProcess } from '../../src/app/demo/stack/headgate-process.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { DECIDERS_CLUSTER, EDGE_ROUTES, PROVIDER_ROUTES, secretResourceName } from '../../src/core/envoy/names.ts';
import { poolCluster } from '../../src/core/ir/upstream.ts';
import { ChildProgram } from './child-program.ts';
import type { DeltaClientsJob } from './delta-clients-process.ts';
import { type GeneratedTree, generatedTree } from './generated-tree.ts';

/** A generated tree, and clients that play its proxies. */
export interface FleetLab {
  readonly repository: ConfigRepository;
  readonly headgate: HeadgateProcess;
  readonly admin: AdminClient;
}

const TYPES = 'type.googleapis.com/envoy.config';
/** Long: the bench asks headgate to look at once. */
const POLL = '10m';
/** A thousand connections and the first compilation of thousands of files, on a busy machine. */
const START_TIMEOUT_MS = 120_000;

/** Starts headgate on a generated tree and waits until every client serves its first commit; `owned` ends it. */
export async function startFleetLab(owned: AsyncDisposableStack, files: number, clients: number): Promise<FleetLab> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-fleet-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const tree = generatedTree(files);
  const repository = new ConfigRepository(join(folder, 'repository'));
  await repository.create(Object.fromEntries(tree));
  await writeFile(join(folder, 'key'), 'of no provider', { mode: 0o600 });
  const settingsFile = join(folder, 'headgate.yaml');
  await writeFile(settingsFile, settingsText(folder, namesIn(tree, 'providers')));
  const headgate = await startHeadgateProcess(settingsFile, join(folder, 'headgate.log'));
  owned.defer(() => headgate.process.close());
  const admin = createAdminClient(() => `http://${headgate.addresses.admin}`);
  const players = new ChildProgram(new URL('./delta-clients-process.ts', import.meta.url));
  owned.defer(() => players.close());
  const endpoints = [DECIDERS_CLUSTER, ...namesIn(tree, 'pools').map(poolCluster)];
  const secrets = namesIn(tree, 'providers').map(secretResourceName);
  const job: DeltaClientsJob = {
    port: Number(headgate.addresses.xds.split(':').at(-1)),
    cluster: 'edge',
    count: clients,
    subscriptions: [
      { typeUrl: `${TYPES}.cluster.v3.Cluster`, names: [] },
      { typeUrl: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', names: secrets },
      { typeUrl: `${TYPES}.endpoint.v3.ClusterLoadAssignment`, names: endpoints },
      { typeUrl: `${TYPES}.listener.v3.Listener`, names: [] },
      { typeUrl: `${TYPES}.route.v3.RouteConfiguration`, names: [EDGE_ROUTES, PROVIDER_ROUTES] },
    ],
  };
  await players.ask(job);
  const isServed = async () => {
    const { live, proxies } = await headgate.process.during(admin.status());
    const served = proxies.filter(({ digest }) => digest !== undefined && digest === live?.digest);
    return served.length === clients ? true : undefined;
  };
  await waitUntil('every client to have the first commit', isServed, START_TIMEOUT_MS);
  return { repository, headgate, admin };
}

/** The documents in a folder of the tree. */
function namesIn(tree: GeneratedTree, folder: string): string[] {
  return [...tree.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => basename(path, '.yaml'));
}

/** Every provider has a key of its own. */
function settingsText(folder: string, providers: readonly string[]): string {
  const secrets = providers.map((name) => [name, { file: 'key', hosts: [`${name}.example`] }]);
  return stringify({
    repository: { url: './repository', poll: POLL, allowLocal: true },
    state: 'state',
    secrets: Object.fromEntries(secrets),
    listen: {
      xds: '127.0.0.1:0',
      extProc: `unix:${join(folder, 'ext-proc.sock')}`,
      admin: '127.0.0.1:0',
    },
  });
}
