import { join } from 'node:path';
import { type AdminClient, createAdminClient } from '../../src/app/demo/stack/admin-client.ts';
import type { ConfigRepository } from '../../src/app/demo/stack/config-repository.ts';
import { type HeadgateProcess, startHeadgateProcess } from '../../src/app/demo/stack/headgate-process.ts';
import { type ProxyProcess, startProxyProcess } from '../../src/app/demo/stack/proxy-process.ts';
import type { ConfigTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { present } from '../../src/core/base/assert.ts';
import { startEagerUpstream } from './eager-upstream.ts';
import { createQuickstartFolder, ENGINES } from './quickstart-folder.ts';
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

/** Long: the bench asks headgate to look at once. */
const POLL = '10m';

/** Starts everything and waits until every proxy serves the first commit; `owned` ends it. */
export async function startGatewayLab(owned: AsyncDisposableStack, options: LabOptions): Promise<GatewayLab> {
  let places: LabPlaces | undefined;
  const { folder, repository, key, settingsFile } = await createQuickstartFolder(owned, {
    poll: POLL,
    treeOf: async (quickstart, ports, into) => {
      places = { ...ports, eagerEngines: await startEagerUpstream(owned, into, ENGINES) };
      return options.edit?.(quickstart, places) ?? quickstart;
    },
  });
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
  return { folder, repository, headgate, proxies, admin, key, places: present(places, 'the upstreams') };
}
