import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../core/base/canonical-json.ts';
import type { Digest } from '../../core/base/digest.ts';
import { listenerForNode, nodePorts } from '../../core/envoy/listener-for-node.ts';
import { secretResource } from '../../core/envoy/secret-resource.ts';
import type { RolloutNode } from '../../core/rollout/rollout-view.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import type { Placement } from '../../io/grpc/proxy-registry.ts';
import type { LoadReports } from '../../io/grpc/status-methods.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import { startXdsServer, type XdsServer } from '../../io/grpc/xds-server.ts';
import type { GrpcFailure } from '../../io/net/grpc-method.ts';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import type { Log } from '../log.ts';
import type { TlsSource } from '../settings/tls-source.ts';
import { controlFailure } from './control-failure.ts';
import type { ControlPlane } from './control-plane.ts';
import type { NodeIdentities } from './node-identities.ts';
import { nodeLabels } from './node-labels.ts';
import { waitForReturn } from './proxy-return.ts';
import { spacedOut } from './spaced-out.ts';

export interface FleetServerOptions {
  readonly listen: ListenAddress;
  readonly tls?: TlsSource;
  /** Asked for each proxy that shows a certificate. */
  readonly identities: NodeIdentities;
  readonly stateDirectory: string;
  /** The values of all secrets as they are now. */
  readonly secrets: () => ReadonlyMap<string, string>;
  /** Whether a process before this one had proxies: they are expected back. */
  readonly hadProxies: boolean;
  readonly log: Log;
  /** Who wants to know how upstreams fare; absent where nobody does. */
  readonly loadReports?: LoadReports;
  /** Hears what peers do wrong below the protocol. */
  readonly onPeerFailure: (failure: GrpcFailure) => void;
  /** Hears what proxies do, before the control plane does. */
  readonly onEvent: (event: XdsServerEvent) => void;
}

/** The xDS server with what the control plane wants to know of its proxies. */
export interface RunningFleetServer {
  readonly server: XdsServer;
  readonly address: ListenAddress;
  /** The proxies that are served. */
  readonly proxies: () => readonly RolloutNode[];
  /** Whether proxies that went away, at a restart of ours too, may still come back. */
  readonly isExpecting: () => boolean;
  /** Resolves when they had the time to. */
  readonly proxiesReturned: () => Promise<void>;
  /** What connected proxies are offered, and what they have acknowledged. */
  readonly digests: () => Iterable<string>;
  /** Tells the control plane what the proxies do from now on. */
  readonly follow: (plane: ControlPlane) => void;
  readonly close: () => Promise<void>;
}

/** How often files and variables are read again for new values of secrets. */
const SECRET_INTERVAL_MS = 10_000;
const VERSION_KEY_BYTES = 32;

export async function startFleetServer(options: FleetServerOptions): Promise<RunningFleetServer> {
  const { log } = options;
  // On a Unix socket nobody shows a certificate: who reaches it is of this machine.
  const tls = 'path' in options.listen ? undefined : options.tls;
  const { authorize, onRefused } = options.identities;
  const failed = controlFailure(log);
  let plane: ControlPlane | undefined;
  let isClosed = false;
  const comeBack = waitForReturn(options.hadProxies, () => plane?.proxiesChanged().catch(failed));
  const look = spacedOut(() => plane?.proxiesChanged().catch(failed));
  const tellRefusal = (event: Extract<XdsServerEvent, { kind: 'rejected' }>): void => {
    const refused = { ...event, digest: event.revision as Digest, fleet: event.fleet ?? '' };
    plane?.refused(refused).catch(failed);
  };
  const server = await startXdsServer({
    listen: [options.listen],
    ...(tls === undefined ? {} : { tls: tls.current(), authorize, onRefused }),
    ...(options.loadReports === undefined ? {} : { loadReports: options.loadReports }),
    placeNode,
    secretResource,
    secretVersionKey: await versionKey(options.stateDirectory),
    controlPlane: 'headgate',
    onFailure: options.onPeerFailure,
    onEvent: (event) => {
      logEvent(log, event);
      options.onEvent(event);
      if (event.kind === 'disconnected') comeBack.restart();
      if (event.kind === 'rejected' && !event.isolating) setImmediate(tellRefusal, event);
      else look();
    },
  });
  tls?.follow((replaced) => server.replaceTls(replaced));
  server.setSecrets(options.secrets());
  const timer = setInterval(() => server.setSecrets(options.secrets()), SECRET_INTERVAL_MS);
  timer.unref();
  return {
    server,
    address: server.addresses[0] ?? options.listen,
    proxies: () => server.served().map(({ metadata, ...node }) => ({ ...node, labels: nodeLabels(metadata) })),
    // Those that we send away come back to the next process: what is on its way has not reached everybody by that.
    isExpecting: () => isClosed || comeBack.isWaiting(),
    proxiesReturned: comeBack.ended,
    digests: server.revisions,
    follow: (followed) => {
      plane = followed;
    },
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      comeBack.close();
      await server.close();
    },
  };
}

/** A proxy belongs to the fleet that its `node.cluster` names, and listens where its own metadata says. */
function placeNode(node: XdsNode): Placement {
  const ports = nodePorts(node.metadata);
  if (Object.keys(ports).length === 0) return { fleet: node.cluster };
  return {
    fleet: node.cluster,
    overlay: { key: canonicalJson(ports), apply: (resource) => listenerForNode({ ...resource, origins: [] }, ports) },
  };
}

function logEvent(log: Log, event: XdsServerEvent): void {
  const { kind, ...fields } = event;
  if (kind === 'rejected' || kind === 'held' || kind === 'gate-expired') log.warn(fields, `proxy ${kind}`);
  else if (kind !== 'acknowledged') log.info(fields, `proxy ${kind}`);
}

/** The key under which versions of secrets are hashed: of this installation, so that a restart re-sends nothing. */
async function versionKey(stateDirectory: string): Promise<Uint8Array> {
  const path = join(stateDirectory, 'secret-version.key');
  try {
    return await readFile(path);
  } catch {
    const key = randomBytes(VERSION_KEY_BYTES);
    await writeFile(path, key, { mode: 0o600 });
    return key;
  }
}
