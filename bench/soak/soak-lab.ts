import { join } from 'node:path';
import { type AdminClient, createAdminClient } from '../../src/app/demo/stack/admin-client.ts';
import type { ConfigRepository } from '../../src/app/demo/stack/config-repository.ts';
import { type HeadgateProcess, startHeadgateProcess } from '../../src/app/demo/stack/headgate-process.ts';
import { type ProxyProcess, startProxyProcess } from '../../src/app/demo/stack/proxy-process.ts';
import type { ConfigTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { present } from '../../src/core/base/assert.ts';
import { decidersSocket } from '../../test/support/decider-process.ts';
import { createQuickstartFolder } from '../support/quickstart-folder.ts';
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

/** One serves while the other is restarted. */
const DECIDERS = 2;
/** Proxies that are started at one time: each start is a headgate and an Envoy. */
const STARTS_AT_ONCE = 4;
/** A fleet of 50 Envoys on two cores takes its time over a commit, and comes back one by one after a restart. */
const SETTLE_MS_MAX = 120_000;

export async function startSoakLab(owned: AsyncDisposableStack, proxyCount: number): Promise<SoakLab> {
  const choices: TreeChoice[] = [FIRST_CHOICE];
  let tree: ConfigTree = {};
  const { folder, repository, key, settingsFile } = await createQuickstartFolder(owned, {
    poll: '2s',
    treeOf: async (quickstart) => {
      tree = soakTree(quickstart, await startLongEngine(owned));
      return { ...tree, ...chosenFiles(tree, FIRST_CHOICE) };
    },
    settings: (into) => ({ deciders: { listen: decidersSocket(into) } }),
  });
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
