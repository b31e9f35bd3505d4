import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { bootstrap } from '../../src/core/envoy/bootstrap.ts';

/** A running Envoy that gets everything over delta ADS. */
export interface EnvoyProcess {
  /** A page of the admin interface. */
  admin(path: string): Promise<string>;
  /** Stops the process where it stands, as a machine that hangs; and lets it go on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Starts Envoy as the product's bootstrap has it, with xDS over a Unix socket and its files in `folder`. */
export async function startEnvoy(
  binary: string,
  folder: string,
  nodeId: string,
  xdsPath: string,
): Promise<EnvoyProcess> {
  const adminPath = join(folder, `${nodeId}-admin.sock`);
  const file = join(folder, `${nodeId}.json`);
  const settings = {
    nodeId,
    cluster: 'edge',
    ports: {},
    admin: { pipe: adminPath },
    xds: { at: { pipe: xdsPath } },
    extProc: { at: { pipe: join(folder, 'no-such.sock') } },
  };
  await writeFile(file, JSON.stringify(bootstrap(settings)));
  return runEnvoy(binary, file, adminPath);
}

/** Runs Envoy by a bootstrap file whose admin interface is at this socket. */
export function runEnvoy(binary: string, file: string, adminPath: string): EnvoyProcess {
  const child: ChildProcess = spawn(
    binary,
    [
      ...['--config-path', file, '--disable-hot-restart', '--reject-unknown-dynamic-fields', '--concurrency', '1'],
      ...['--drain-time-s', '1', '--log-level', 'error'],
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  return {
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    admin: (path) => get({ socketPath: adminPath, path }).then(({ text }) => text),
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A port that another process could not bind. */
export async function holdPort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    port,
    async release() {
      server.close();
      await once(server, 'close');
    },
  };
}

export function get(
  target: { readonly port: number } | { readonly socketPath: string; readonly path: string },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', agent: false, ...target }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    sent.once('error', reject);
    sent.end();
  });
}
