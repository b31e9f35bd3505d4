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
import { present } from '../../src/core/base/assert.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { decidersSocket } from '../../test/support/decider-process.ts';
import { ChildProgram } from '../support/child-program.ts';
import type { UpstreamPorts } from '../support/upstream-process.ts';
import { chosenFiles, FIRST_CHOICE, soakTree, type TreeChoice } from './changing-tree.ts';
import { startDeciders } from './decider-processes.ts';
import { startLongEngine } from './long-engine.ts';

/** A whole fleet whose parts can be ended and started while it serves. */
export interface SoakLab {
  readonly folder: string;
  readonly repository: ConfigRepository;
  readonly tree: ConfigTree;
  readonly admin: AdminClient;
  /** The API key of team red. */
  readonly key: string;
  readonly proxies: readonly ProxyProcess[];
  /** What the newest good commit says, and what those before it said. */
  readonly choice: TreeChoice;
  readonly choices: readonly TreeChoice[];
  readonly remember: (choice: TreeChoice) => void;
  /** Resolves when every proxy has acknowledged what is live, and that is this commit where one is given. */
  readonly settled: (commit?: string) => Promise<void>;
  readonly restartControlPlane: (how: 'kill' | 'close') => Promise<void>;
  readonly restartDeciders: () => Promise<void>;
  /** The process ids of what is measured. */
  readonly controlPlanePid: () => number;
}

const ENGINES = 4;
/** One serves while the other is restarted. */
const DECIDERS = 2;
/** Proxies that are started at one time: each start is a headgate and an Envoy. */
const STARTS_AT_ONCE = 4;
/** A fleet of 50 Envoys on two cores takes its time over a commit, and comes back one by one after a restart. */
const SETTLE_MS_MAX = 120_000;

export async function startSoakLab(owned: AsyncDisposableStack, proxyCount: number): Promise<SoakLab> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-soak-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const authority = createAuthority();
  const upstream = new ChildProgram(new URL('../support/upstream-process.ts', import.meta.url));
  owned.defer(() => upstream.close());
  const certificate = issueCertificate(authority, { hosts: ['localhost'] });
  const ports = (await upstream.ask({ engines: ENGINES, ...certificate })) as UpstreamPorts;
  const key = newKey();
  const providerHost = `localhost:${ports.provider}`;
  const engines = ports.engines.map((port) => `127.0.0.1:${port}`);
  const quickstart = quickstartTree({ engines, providerUrl: `https://${providerHost}/v1`, key });
  const tree = soakTree(quickstart, await startLongEngine(owned));
  const repository = new ConfigRepository(join(folder, 'repository'));
  const choices: TreeChoice[] = [FIRST_CHOICE];
  await repository.create({ ...tree, ...chosenFiles(tree, FIRST_CHOICE) });
  await writeFile(join(folder, 'cloud-key'), `sk-${randomBytes(24).toString('hex')}`, { mode: 0o600 });
  await writeFile(join(folder, 'authority.pem'), authority.certificatePem);
  const settingsFile = join(folder, 'headgate.yaml');
  await writeFile(settingsFile, settingsText(folder, providerHost));
  const serve = () => startHeadgateProcess(settingsFile, join(folder, 'headgate.log'));
  let headgate: HeadgateProcess = await serve();
  owned.defer(() => headgate.process.close());
  const admin = createAdminClient(() => `http://${headgate.addresses.admin}`);
  const deciders = await startDeciders(owned, folder, DECIDERS);
  const proxies = await startProxies(owned, folder, headgate, proxyCount);
  const settled = async (commit?: string) => {
    await waitUntil(
      `every proxy to serve ${commit ?? 'what is live'}`,
      async () => {
        const { live, proxies: known } = await headgate.process.during(admin.status());
        const isWanted = live !== undefined && (commit === undefined || live.commit === commit);
        const isServed = known.length === proxyCount && known.every(({ digest }) => digest === live?.digest);
        return isWanted && isServed ? true : undefined;
      },
      SETTLE_MS_MAX,
    );
  };
  const isBack = (name: string) =>
    waitUntil(`${name} to decide`, async () => {
      const { deciders: known = [] } = await headgate.process.during(admin.status());
      return known.some((decider) => decider.name === name && decider.state === 'asked') ? true : undefined;
    });
  await settled();
  return {
    ...{ folder, repository, tree, admin, key, proxies, choices, settled },
    get choice() {
      return present(choices.at(-1), 'the first choice');
    },
    remember: (choice) => {
      choices.push(choice);
    },
    restartControlPlane: async (how) => {
      await headgate.process[how]();
      headgate = await serve();
    },
    restartDeciders: () => deciders.restartAll(isBack),
    controlPlanePid: () => present(headgate.process.pid, 'the process of headgate'),
  };
}

/** A few at a time; each listens at ports of its own. */
async function startProxies(
  owned: AsyncDisposableStack,
  folder: string,
  { addresses }: HeadgateProcess,
  count: number,
): Promise<readonly ProxyProcess[]> {
  const nodeIds = Array.from({ length: count }, (_item, index) => `edge-${index + 1}`);
  const proxies: ProxyProcess[] = [];
  const lane = async () => {
    for (let nodeId = nodeIds.shift(); nodeId !== undefined; nodeId = nodeIds.shift()) {
      const proxy = await startProxyProcess({ nodeId, folder, headgate: addresses, listeners: ['api', 'second'] });
      owned.defer(() => proxy.process.close());
      proxies.push(proxy);
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, lane));
  return proxies;
}

/** Proxies reach headgate over Unix sockets, as on one host they should. */
function settingsText(folder: string, providerHost: string): string {
  return stringify({
    repository: { url: './repository', poll: '2s', allowLocal: true },
    state: 'state',
    secrets: { 'cloud-key': { file: 'cloud-key', hosts: [providerHost] } },
    authorities: { 'demo-authority': { file: 'authority.pem' } },
    deciders: { listen: decidersSocket(folder) },
    listen: {
      xds: `unix:${join(folder, 'xds.sock')}`,
      extProc: `unix:${join(folder, 'ext-proc.sock')}`,
      admin: '127.0.0.1:0',
    },
  });
}
