import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKey } from '../../src/app/commands/key.ts';
import { ConfigRepository } from '../../src/app/demo/stack/config-repository.ts';
import { type ConfigTree, quickstartTree } from '../../src/app/demo/stack/quickstart-tree.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { ChildProgram } from './child-program.ts';
import type { UpstreamPorts } from './upstream-process.ts';

/** A folder with all that `headgate serve` needs for the quickstart, and its upstreams, which cost next to nothing. */
export interface QuickstartFolder {
  readonly folder: string;
  readonly repository: ConfigRepository;
  /** The API key of team red. */
  readonly key: string;
  readonly settingsFile: string;
}

export interface QuickstartOptions {
  /** How often headgate looks at the repository by itself. */
  readonly poll: string;
  /** The first commit, from the quickstart's files and what is known by then. */
  readonly treeOf: (quickstart: ConfigTree, ports: UpstreamPorts, folder: string) => ConfigTree | Promise<ConfigTree>;
  /** Boot settings beside the usual ones. */
  readonly settings?: (folder: string) => object;
}

/** The engines of the quickstart's pool. */
export const ENGINES = 4;

/** Starts the upstreams and makes the first commit; `owned` ends and removes everything. */
export async function createQuickstartFolder(
  owned: AsyncDisposableStack,
  { poll, treeOf, settings }: QuickstartOptions,
): Promise<QuickstartFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const authority = createAuthority();
  const upstream = new ChildProgram(new URL('./upstream-process.ts', import.meta.url));
  owned.defer(() => upstream.close());
  const certificate = issueCertificate(authority, { hosts: ['localhost'] });
  const ports = (await upstream.ask({ engines: ENGINES, ...certificate })) as UpstreamPorts;
  const key = newKey();
  const providerHost = `localhost:${ports.provider}`;
  const engines = ports.engines.map((port) => `127.0.0.1:${port}`);
  const quickstart = quickstartTree({ engines, providerUrl: `https://${providerHost}/v1`, key });
  const repository = new ConfigRepository(join(folder, 'repository'));
  await repository.create(await treeOf(quickstart, ports, folder));
  await writeFile(join(folder, 'cloud-key'), `sk-${randomBytes(24).toString('hex')}`, { mode: 0o600 });
  await writeFile(join(folder, 'authority.pem'), authority.certificatePem);
  const settingsFile = join(folder, 'headgate.yaml');
  await writeFile(settingsFile, stringify({ ...bootSettings(folder, poll, providerHost), ...settings?.(folder) }));
  return { folder, repository, key, settingsFile };
}

/** Proxies reach headgate over Unix sockets, as on one host they should. */
function bootSettings(folder: string, poll: string, providerHost: string): object {
  return {
    repository: { url: './repository', poll, allowLocal: true },
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
