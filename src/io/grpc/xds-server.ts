import type { XdsNode } from '../../core/xds/node.ts';
import { forgetSteps } from '../../core/xds/shared-step.ts';
import type { GrpcLimits } from '../net/grpc-limits.ts';
import { GrpcListenError } from '../net/grpc-listen-error.ts';
import type { GrpcFailure, GrpcMethod } from '../net/grpc-method.ts';
import { type GrpcServer, startGrpcServer } from '../net/grpc-server.ts';
import { formatListenAddress, type ListenAddress } from '../net/listen-address.ts';
import type { ServerTls } from '../net/server-tls.ts';
import { discoveryMethods } from './discovery-methods.ts';
import type { FleetResource, Publication, SecretResource } from './fleet-content.ts';
import { FleetGroups } from './fleet-groups.ts';
import type { Trial } from './fleet-tracks.ts';
import { type Placement, ProxyRegistry } from './proxy-registry.ts';
import { type LoadReports, statusMethods } from './status-methods.ts';
import { XdsCall } from './xds-call.ts';
import type { ProxyStatus, ServedNode, XdsServerEvent } from './xds-events.ts';
import { XdsServerError } from './xds-server-error.ts';

export interface XdsLimits {
  /** Largest request: a reconnecting proxy lists every resource that it holds. */
  readonly requestBytesMax: number;
  /** Calls at one time; more get RESOURCE_EXHAUSTED. */
  readonly streamsMax: number;
  /** A call whose oldest message was not taken for so long is closed. */
  readonly drainTimeoutMs: number;
}

/** 16 MiB hold 200,000 names with their versions; 10,000 idle calls cost about 250 MB. */
const DEFAULT_LIMITS: XdsLimits = {
  requestBytesMax: 16 * 1024 * 1024,
  streamsMax: 10_000,
  drainTimeoutMs: 30_000,
};

export interface XdsServerOptions {
  readonly listen: readonly ListenAddress[];
  /** Used on every TCP listener; needed wherever another machine can connect, since secrets are served. */
  readonly tls?: ServerTls;
  readonly placeNode: (node: XdsNode) => Placement;
  readonly secretResource: SecretResource;
  /** Random bytes that the replicas of an installation share: the key of the secrets' versions. */
  readonly secretVersionKey: Uint8Array;
  /** Why a node may not be served, undefined where it may. The names are the certificate's, empty without TLS. */
  readonly authorize?: (node: XdsNode, certificateNames: string) => string | undefined;
  /** A stream was turned away because its node may not be served. */
  readonly onRefused?: (node: XdsNode, certificateNames: string) => void;
  readonly onEvent: (event: XdsServerEvent) => void;
  /** Instance and build: shown in a proxy's config dump. */
  readonly controlPlane: string;
  readonly limits?: XdsLimits;
  /** Takes the load reports of proxies (LRS); without it the service is not there. */
  readonly loadReports?: LoadReports;
  /** Limits of connections and calls in place of the usual ones. */
  readonly transport?: Partial<GrpcLimits>;
  /** What a peer did wrong below the protocol. */
  readonly onFailure?: (failure: GrpcFailure) => void;
}

export interface XdsServer {
  /** With the ports in use where port 0 was asked for. */
  readonly addresses: readonly ListenAddress[];
  /**
   * Replaces what a fleet shall hold, and what its proxies of a trial shall hold instead. They are told at once; equal
   * content is not sent.
   */
  publish(fleet: string, publication: Publication, trial?: Trial): void;
  /** Serves a fleet no longer: its proxies keep what they hold, and those that come are held. */
  withdraw(fleet: string): void;
  /** Replaces the values of all secrets, by their names in the boot settings. A missing one is served empty. */
  setSecrets(values: ReadonlyMap<string, string>): void;
  /** Replaces what the proxies of every fleet are served beside their publications. */
  setShared(resources: readonly FleetResource[]): void;
  /** The connected proxies that are served, as far as a rollout looks at them. */
  served(): ServedNode[];
  /** The revisions that connected proxies are offered, and that they have acknowledged. */
  revisions(): ReadonlySet<string>;
  /** The connected proxies, by node id. */
  status(): ProxyStatus[];
  /** New connections are shown this certificate and checked against this authority; those that are open stay. */
  replaceTls(tls: ServerTls): void;
  /** Takes no new call, ends the open ones spread over `graceMs`, and resolves when all connections are closed. */
  drain(graceMs: number): Promise<void>;
  /** Cuts everything. */
  close(): void;
}

/**
 * Serves every discovery service of Envoy's API (v3), both variants, to fleets of proxies.
 * A proxy that belongs to no published fleet, or is too old, is held open and sent nothing. Throws XdsServerError.
 */
export async function startXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const groups = new FleetGroups(options);
  const registry = new ProxyRegistry({
    groups,
    controlPlane: options.controlPlane,
    placeNode: options.placeNode,
    authorize: (node, { certificateNames }) => {
      const refusal = options.authorize?.(node, certificateNames);
      if (refusal !== undefined) options.onRefused?.(node, certificateNames);
      return refusal;
    },
    onEvent: options.onEvent,
  });
  const grpc = await startTransport(options, limits, registry);
  return {
    addresses: grpc.addresses,
    publish(fleet, publication, trial) {
      forgetSteps(registry.steps);
      groups.publish(fleet, publication, trial);
      registry.placeHeld();
    },
    withdraw: (fleet) => groups.withdraw(fleet),
    setSecrets: (values) => groups.setSecrets(values),
    setShared: (resources) => groups.setShared(resources),
    served: () => registry.served(),
    revisions: () => registry.revisions(),
    status: () => registry.status(),
    replaceTls: (tls) => grpc.replaceCertificate(tls),
    drain: (graceMs) => grpc.drain(graceMs),
    close: () => grpc.close(),
  };
}

async function startTransport(
  options: XdsServerOptions,
  limits: XdsLimits,
  registry: ProxyRegistry,
): Promise<GrpcServer> {
  const { listen, tls, transport, onFailure } = options;
  const methods = discoveryMethods().map(
    (variant): GrpcMethod => ({
      path: variant.path,
      requestBytesMax: limits.requestBytesMax,
      isDoneAtOnce: true,
      open: (call) => new XdsCall(call, variant, registry),
    }),
  );
  const beside = statusMethods({
    clients: () => registry.clients(),
    streamsOf: (node) => registry.streamsOf(node),
    authorize: (node, certificateNames) => options.authorize?.(node, certificateNames),
    loadReports: options.loadReports,
  });
  try {
    return await startGrpcServer({
      listen,
      tls,
      methods: [...methods, ...beside],
      limits: { callsMax: limits.streamsMax, drainMs: limits.drainTimeoutMs, ...transport },
      ...(onFailure === undefined ? {} : { onFailure }),
    });
  } catch (error) {
    if (!(error instanceof GrpcListenError)) throw error;
    const where = listen.map(formatListenAddress).join(', ');
    const why = error.code === 'insecure-listener' ? 'it carries secrets, so mutual TLS is needed: ' : '';
    throw new XdsServerError(`cannot serve xDS on ${where}: ${why}${error.message}`, {
      code: `xds-${error.code}`,
      cause: error,
    });
  }
}
