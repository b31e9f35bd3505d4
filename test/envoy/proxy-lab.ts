import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { bootstrap, ENVOY_ARGUMENTS } from '../../src/core/envoy/bootstrap.ts';
import type { FleetResources } from '../../src/core/envoy/compile-fleet.ts';
import { listenerForNode, nodePorts } from '../../src/core/envoy/listener-for-node.ts';
import type { EnvoyResource } from '../../src/core/envoy/resource.ts';
import { secretResource } from '../../src/core/envoy/secret-resource.ts';
import type { ProcessingReply, ProcessingRequest } from '../../src/core/exchange/messages.ts';
import type { XdsServerEvent } from '../../src/io/grpc/xds-events.ts';
import { startXdsServer, type XdsServer } from '../../src/io/grpc/xds-server.ts';
import { type ExtProcServer, startExtProcServer } from '../../src/io/http/ext-proc-server.ts';

/** Says what to answer to a message; `finished` ends the stream behind it. Throwing is how it dies. */
export type Decider = (
  message: ProcessingRequest,
  role: string | undefined,
) => { readonly reply: ProcessingReply; readonly finished?: boolean };

/** A real Envoy that got everything over delta ADS, with a decider of the test's making. */
export interface ProxyLab {
  readonly url: string;
  decider: Decider;
  /** Replaces what the fleet holds and resolves when the proxy acknowledged all of it; rejects when it refuses. */
  publish(revision: string, content: Pick<FleetResources, 'resources' | 'secrets'>): Promise<void>;
  /** The same for the values of secrets. */
  setSecrets(values: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;

export async function startProxy(
  envoy: string,
  first: FleetResources,
  secrets: Readonly<Record<string, string>>,
): Promise<ProxyLab> {
  const lab: { decider: Decider } = { decider: () => assertNever() };
  const news = new EventTarget();
  const xds = await startXds((event) => news.dispatchEvent(new CustomEvent('xds', { detail: event })));
  const extProc = await startExtProc((...said) => lab.decider(...said));
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'headgate-proxy-'));
  const file = bootstrapFile(folder, xds, extProc, port);
  const publish = async (
    revision: string,
    { resources, secrets: wanted }: Pick<FleetResources, 'resources' | 'secrets'>,
  ) => {
    const done = acknowledged(news, revision);
    xds.publish('edge', { revision, resources, secretNames: wanted.map(({ secret }) => secret) });
    await done;
  };
  xds.setSecrets(new Map(Object.entries(secrets)));
  const live = publish('first', first);
  const argv = [
    '--config-path',
    file,
    '--reject-unknown-dynamic-fields',
    '--concurrency',
    '1',
    '--log-level',
    'critical',
  ];
  const child = spawn(envoy, [...argv, ...ENVOY_ARGUMENTS], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await live;
  await connectable(port);
  return Object.assign(lab, {
    url: `http://127.0.0.1:${port}`,
    publish,
    async setSecrets(values: Readonly<Record<string, string>>) {
      const done = acknowledged(news, undefined);
      xds.setSecrets(new Map(Object.entries(values)));
      await done;
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
      xds.close();
      await extProc.drain(0);
      rmSync(folder, { recursive: true });
    },
  });
}

function startXds(onEvent: (event: XdsServerEvent) => void): Promise<XdsServer> {
  return startXdsServer({
    listen: [{ host: '127.0.0.1', port: 0 }],
    placeNode: ({ cluster, metadata }) => {
      const ports = nodePorts(metadata);
      return {
        fleet: cluster,
        overlay: { key: JSON.stringify(ports), apply: (resource) => listenerForNode(resource as EnvoyResource, ports) },
      };
    },
    secretResource,
    secretVersionKey: new Uint8Array(32),
    onEvent,
    controlPlane: 'test',
  });
}

function startExtProc(decide: Decider): Promise<ExtProcServer> {
  return startExtProcServer({
    listen: { host: '127.0.0.1', port: 0 },
    onExchange: ({ role }) => ({
      message(message) {
        const { reply, finished } = decide(message, role);
        return { replies: [reply], ...(finished === undefined ? {} : { finished }) };
      },
      end() {
        // nothing is kept for an exchange
      },
    }),
    onFailure() {
      // what a dying decider does to requests is what the tests look at
    },
    isReady: () => true,
  });
}

function bootstrapFile(folder: string, xds: XdsServer, extProc: ExtProcServer, port: number): string {
  const [xdsAddress] = xds.addresses;
  if (xdsAddress === undefined || 'path' in xdsAddress || 'path' in extProc.address) throw new Error('not over TCP');
  const config = bootstrap({
    nodeId: 'edge-1',
    cluster: 'edge',
    ports: { api: port },
    admin: { pipe: join(folder, 'admin.sock') },
    xds: { at: xdsAddress },
    extProc: { at: extProc.address },
  });
  const file = join(folder, 'bootstrap.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Resolves when the proxy holds the revision (any, when none is named) wholly, rejects when it refuses a part. */
function acknowledged(news: EventTarget, revision: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    news.addEventListener('xds', function heard(said) {
      const event = (said as CustomEvent<XdsServerEvent>).detail;
      const isDone = event.kind === 'fully-acknowledged' && (revision === undefined || event.revision === revision);
      if (event.kind !== 'rejected' && !isDone) return;
      news.removeEventListener('xds', heard);
      if (event.kind === 'rejected') reject(new Error(`${event.names.join(', ')}: ${event.message}`));
      else resolve();
    });
  });
}

/** A listener opens once its routes are there, a moment after they were acknowledged. */
async function connectable(port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(socket.destroy().destroyed));
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function assertNever(): never {
  throw new Error('no request was expected');
}
