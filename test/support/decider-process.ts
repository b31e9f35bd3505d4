import { join } from 'node:path';
import { askServer } from '../../src/app/commands/server-client.ts';
import type { DeciderStatus } from '../../src/app/decide/decider-status.ts';
import type { DemoStack } from '../../src/app/demo/stack/demo-stack.ts';
import { LAUNCHER } from '../../src/app/demo/stack/headgate-process.ts';
import { OwnedProcess } from '../../src/app/demo/stack/owned-process.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';

/** A running `headgate decide` of a gateway. */
export interface DeciderProcess {
  readonly name: string;
  readonly process: OwnedProcess;
  /** Its own ext_proc address, where proxies are told to reach it. */
  readonly address: string;
  readonly status: () => Promise<DeciderStatus>;
  readonly ready: () => Promise<DeciderStatus>;
}

/** Where the deciders of a gateway below a folder get revisions: for its boot settings. */
export function decidersSocket(folder: string): string {
  return `unix:${join(folder, 'deciders.sock')}`;
}

/** Starts a decider with a state folder of its name, and waits until it listens. At a socket it is found again after a restart. */
export async function startDeciderProcess(
  folder: string,
  name: string,
  at: 'socket' | 'any port' = 'socket',
): Promise<DeciderProcess> {
  const listen = at === 'socket' ? `unix:${join(folder, `${name}.sock`)}` : '127.0.0.1:0';
  const process = new OwnedProcess({
    name: `headgate decide ${name}`,
    program: LAUNCHER,
    argv: [
      ...['decide', '--control-plane', decidersSocket(folder), '--name', name, '--state', join(folder, name)],
      ...['--ext-proc', listen, '--admin', `unix:${join(folder, `${name}-admin.sock`)}`, '--drain', '5s'],
    ],
    logFile: join(folder, `${name}.log`),
    output: 'first-line',
  });
  const { extProc, admin } = JSON.parse(await process.firstLine()) as { extProc: string; admin: string };
  const status = async () => (await askServer(admin, 'GET', '/status')).body as DeciderStatus;
  return {
    ...{ name, process, address: extProc, status },
    ready: () =>
      waitUntil(`${name} to be ready`, async () => {
        const found = await process.during(status());
        return found.ready ? found : undefined;
      }),
  };
}

/** Resolves when every proxy of a gateway knows so many deciders, and has found so many of them well. */
export async function decidersFound({ proxies }: DemoStack, well: number, known = well): Promise<void> {
  const cluster = 'cluster.headgate_deciders';
  await waitUntil(`${well} of ${known} deciders at every proxy`, async () => {
    const found = await Promise.all(
      proxies.map(({ stats }) => stats(/headgate_deciders\.membership_(healthy|total)$/)),
    );
    const isFound = found.every(
      (stats) => stats[`${cluster}.membership_healthy`] === well && stats[`${cluster}.membership_total`] === known,
    );
    return isFound ? true : undefined;
  });
}
