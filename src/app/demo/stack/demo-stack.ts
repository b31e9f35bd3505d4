import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createAuthority, issueCertificate } from '../../../sim/certificates.ts';
import { type Provider, startProvider } from '../../../sim/provider/start-provider.ts';
import { newKey } from '../../commands/key.ts';
import type { ServerStatus } from '../../control/server-status.ts';
import { type AdminClient, createAdminClient } from './admin-client.ts';
import { ConfigRepository, type MadeCommit } from './config-repository.ts';
import { type EngineFleet, startEngineFleet } from './engine-fleet.ts';
import { type HeadgateProcess, startHeadgateProcess } from './headgate-process.ts';
import type { OwnedProcess } from './owned-process.ts';
import { type ProxyProcess, startProxyProcess } from './proxy-process.ts';
import { type ConfigTree, quickstartTree } from './quickstart-tree.ts';
import { waitUntil } from './wait-until.ts';

export interface StackOptions {
  /** The speed of each engine's GPU. Default: three fast ones, and one that takes 2.5 times as long. */
  readonly engineScales?: readonly number[];
  /** Default: 2. */
  readonly proxies?: number;
  /** Files beside those of examples/quickstart, or in their place. */
  readonly files?: ConfigTree;
  /** Boot settings beside those of the stack. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where everything is put, and stays. Default: a temporary folder that is removed at the end. */
  readonly folder?: string;
}

/** Simulated engines and provider, a Git repository, headgate and real Envoys: everything that a gateway is made of. */
export interface DemoStack {
  readonly folder: string;
  readonly repository: ConfigRepository;
  readonly firstCommit: MadeCommit;
  readonly engines: EngineFleet;
  readonly provider: Provider;
  readonly providerKey: string;
  /** The API key of team red. */
  readonly key: string;
  readonly proxies: readonly ProxyProcess[];
  readonly admin: AdminClient;
  /** Of the headgate that runs now, for its own commands. */
  readonly adminUrl: () => string;
  readonly killHeadgate: () => Promise<void>;
  /** Ends headgate in order, where it still runs. */
  readonly closeHeadgate: () => Promise<void>;
  /** Starts headgate again; `settled` says when it serves. */
  readonly restartHeadgate: () => Promise<void>;
  /** Resolves with the status once every proxy has acknowledged the live revision and every engine is as expected. */
  readonly settled: (enginesDown?: readonly string[]) => Promise<ServerStatus>;
}

/** The very first commit does not validate, so nothing will ever serve. The message holds the diagnostics. */
class TreeRejected extends Error {
  override readonly name = 'TreeRejected';
  readonly code = 'tree-rejected';
}

const DEFAULT_SCALES = [1, 1, 1, 0.4];
/** How often headgate looks at the repository by itself; the story asks it to look at once. */
const POLL = '2s';

/** Starts everything and waits until it serves. What is started is given to `owned` at once, also when the rest fails. */
export async function startStack(owned: AsyncDisposableStack, options: StackOptions = {}): Promise<DemoStack> {
  const folder = await ownFolder(owned, options.folder);
  const engines = await handOver(owned, await startEngineFleet(options.engineScales ?? DEFAULT_SCALES));
  const authority = createAuthority();
  const providerKey = `sk-${randomBytes(24).toString('hex')}`;
  const certificate = issueCertificate(authority, { hosts: ['localhost'] });
  const provided = await startProvider({ certificate, key: providerKey, models: ['cloud-small-1'] });
  const provider = await handOver(owned, provided);
  const providerHost = `localhost:${provider.address.slice(provider.address.lastIndexOf(':') + 1)}`;
  const key = newKey();
  const repository = new ConfigRepository(join(folder, 'repository'));
  const tree = quickstartTree({ engines: engines.addresses, providerUrl: `https://${providerHost}/v1`, key });
  const firstCommit = await repository.create({ ...tree, ...options.files });
  await writeFile(join(folder, 'cloud-key'), providerKey, { mode: 0o600 });
  await writeFile(join(folder, 'authority.pem'), authority.certificatePem);
  const settingsFile = join(folder, 'headgate.yaml');
  await writeFile(settingsFile, stringify({ ...bootSettings(folder, providerHost), ...options.settings }));

  let running: OwnedProcess | undefined;
  owned.defer(async () => running?.close());
  const serve = () =>
    startHeadgateProcess(settingsFile, join(folder, 'headgate.log'), (process) => {
      running = process;
    });
  let headgate: HeadgateProcess = await serve();
  const adminUrl = () => `http://${headgate.addresses.admin}`;
  const admin = createAdminClient(adminUrl);
  const nodeIds = Array.from({ length: options.proxies ?? 2 }, (_, index) => `edge-${index + 1}`);
  const proxies = await Promise.all(
    nodeIds.map(async (nodeId) => {
      const proxy = await startProxyProcess({ nodeId, folder, headgate: headgate.addresses });
      await handOver(owned, proxy.process);
      return proxy;
    }),
  );
  const settled = async (enginesDown: readonly string[] = []) =>
    waitUntil('every proxy and every engine', async () => {
      const status = await headgate.process.during(admin.status());
      if (status.live === undefined && status.newest?.kind === 'rejected')
        throw new TreeRejected(status.newest.diagnostics);
      return isSettled(status, proxies.length, enginesDown) ? status : undefined;
    });
  await settled();
  return {
    ...{ folder, repository, firstCommit, engines, provider, providerKey, key, proxies, admin, adminUrl, settled },
    killHeadgate: () => headgate.process.kill(),
    closeHeadgate: () => headgate.process.close(),
    restartHeadgate: async () => {
      headgate = await serve();
    },
  };
}

/** Whoever wanted the stack gave it up while it started: a test whose time was over. */
class StartAbandoned extends Error {
  override readonly name = 'StartAbandoned';
  readonly code = 'start-abandoned';
}

/** Gives a part to the owner of the stack; ends it at once where he has gone meanwhile. Throws StartAbandoned then. */
async function handOver<Part extends { close(): Promise<unknown> }>(
  owned: AsyncDisposableStack,
  part: Part,
): Promise<Part> {
  if (owned.disposed) {
    await part.close();
    throw new StartAbandoned('the stack was given up while it started');
  }
  owned.defer(async () => void (await part.close()));
  return part;
}

async function ownFolder(owned: AsyncDisposableStack, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    await mkdir(wanted, { recursive: true });
    return wanted;
  }
  const folder = await mkdtemp(join(tmpdir(), 'headgate-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Paths are relative to the settings' own folder. Proxies reach headgate over Unix sockets, which need no free port. */
function bootSettings(folder: string, providerHost: string): object {
  return {
    repository: { url: './repository', poll: POLL, allowLocal: true },
    state: 'state',
    secrets: { 'cloud-key': { file: 'cloud-key', hosts: [providerHost] } },
    authorities: { 'demo-authority': { file: 'authority.pem' } },
    listen: {
      xds: `unix:${join(folder, 'xds.sock')}`,
      extProc: `unix:${join(folder, 'ext-proc.sock')}`,
      admin: '127.0.0.1:0',
    },
  };
}

function isSettled(status: ServerStatus, proxies: number, enginesDown: readonly string[]): boolean {
  const { live } = status;
  return (
    live !== undefined &&
    status.proxies.length === proxies &&
    status.proxies.every(({ digest }) => digest === live.digest) &&
    status.engines.every(({ address, down }) => down === enginesDown.includes(address))
  );
}
