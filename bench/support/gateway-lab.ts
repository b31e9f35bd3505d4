import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKey } from '../../src/app/commands/key.ts';
import { type AdminClient, createAdminClient } from '../../src/app/demo/stack/admin-client.ts';
import { ConfigRepository } from '../../src/app/demo/stack/config-repository.ts';
import { type HeadgateProcess, startHeadgateProcess } from '../../src/app/demo/stack/headgate-process.ts';
import { type ProxyProcess, startProxyProcess } from '../../src/app/demo/stack/proxy-process.ts';
import { type ConfigTree, quickstartTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { ChildProgram } from './child-program.ts';
import { startEagerUpstream } from './eager-upstream.ts';
import type { UpstreamPorts } from './upstream-process.ts';

export interface LabOptions {
  readonly proxies: number;
  /** Changes the quickstart's files. */
  readonly edit?: (tree: ConfigTree, places: LabPlaces) => ConfigTree;
}

/** Where the upstreams listen on loopback. */
export interface LabPlaces extends UpstreamPorts {
  /** More engines, which answer before they have the body. */
  readonly eagerEngines: readonly number[];
}

/** The quickstart on real Envoys, with upstreams that cost next to nothing. */
export interface GatewayLab {
  readonly folder: string;
  readonly repository: ConfigRepository;
  readonly headgate: HeadgateProcess;
  readonly proxies: readonly ProxyProcess[];
  readonly admin: AdminClient;
  /** The API key of team red. */
  readonly key: string;
  readonly places: LabPlaces;
}

const ENGINES = 4;
/** Long: the bench asks headgate to look at once. */
const POLL = '10m';

/** Starts everything and waits until every proxy serves the first commit; `owned` ends it. */
export async function startGatewayLab(owned: AsyncDisposableStack, options: LabOptions): Promise<GatewayLab> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const authority = createAuthority();
  const places: LabPlaces = {
    ...(await startUpstream(owned, issueCertificate(authority, { hosts: ['localhost'] }))),
    eagerEngines: await startEagerUpstream(owned, folder, ENGINES),
  };
  const key = newKey();
  const providerHost = `localhost:${places.provider}`;
  const tree = quickstartTree({
    engines: places.engines.map((port) => `127.0.0.1:${port}`),
    providerUrl: `https://${providerHost}/v1`,
    key,
  });
  const repository = new ConfigRepository(join(folder, 'repository'));
  await repository.create(options.edit?.(tree, places) ?? tree);
  await writeFile(join(folder, 'cloud-key'), `sk-${randomBytes(24).toString('hex')}`, { mode: 0o600 });
  await writeFile(join(folder, 'authority.pem'), authority.certificatePem);
  const settingsFile = join(folder, 'headgate.yaml');
  await writeFile(settingsFile, settingsText(folder, providerHost));
  const headgate = await startHeadgateProcess(settingsFile, join(folder, 'headgate.log'));
  owned.defer(() => headgate.process.close());
  const admin = createAdminClient(() => `http://${headgate.addresses.admin}`);
  const proxies = await Promise.all(
    Array.from({ length: options.proxies }, async (_item, index) => {
      const proxy = await startProxyProcess({ nodeId: `edge-${index + 1}`, folder, headgate: headgate.addresses });
      owned.defer(() => proxy.process.close());
      return proxy;
    }),
  );
  await waitUntil('every proxy to serve the first commit', async () => {
    const { live, proxies: known } = await headgate.process.during(admin.status());
    const isServing = live !== undefined && known.every(({ digest }) => digest === live.digest);
    return isServing && known.length === options.proxies ? true : undefined;
  });
  return { folder, repository, headgate, proxies, admin, key, places };
}

async function startUpstream(
  owned: AsyncDisposableStack,
  certificate: { readonly certificatePem: string; readonly privateKeyPem: string },
): Promise<UpstreamPorts> {
  const program = new ChildProgram(new URL('./upstream-process.ts', import.meta.url));
  owned.defer(() => program.close());
  return (await program.ask({ engines: ENGINES, ...certificate })) as UpstreamPorts;
}

/** Proxies reach headgate over Unix sockets, as on one host they should. */
function settingsText(folder: string, providerHost: string): string {
  return stringify({
    repository: { url: './repository', poll: POLL, allowLocal: true },
    state: 'state',
    secrets: { 'cloud-key': { file: 'cloud-key', hosts: [providerHost] } },
    authorities: { 'demo-authority': { file: 'authority.pem' } },
    listen: {
      xds: `unix:${join(folder, 'xds.sock')}`,
      extProc: `unix:${join(folder, 'ext-proc.sock')}`,
      admin: '127.0.0.1:0',
    },
  });
}
