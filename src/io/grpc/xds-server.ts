import { logVerbosity, Server, setLogVerbosity, status } from '@grpc/grpc-js';
import type { XdsNode } from '../../core/xds/node.ts';
import type { ListenAddress } from '../net/listen-address.ts';
import { DELTA_ADS_SERVICE, type DeltaAdsHandlers } from './delta-ads-service.ts';
import type { FleetResource, Publication, SecretResource } from './fleet-content.ts';
import { FleetGroups } from './fleet-groups.ts';
import type { Trial } from './fleet-tracks.ts';
import { bindAll, type XdsTls } from './listen.ts';
import { type Placement, ProxyRegistry } from './proxy-registry.ts';
import { type GrpcCall, XdsCall } from './xds-call.ts';
import type { ProxyStatus, ServedNode, XdsServerEvent } from './xds-events.ts';

export interface XdsLimits {
  /** Largest request: a reconnecting proxy lists every resource that it holds. */
  readonly requestBytesMax: number;
  /** Calls at one time; more get RESOURCE_EXHAUSTED. */
  readonly streamsMax: number;
  /** A call whose oldest message was not taken for so long is closed. */
  readonly drainTimeoutMs: number;
}

/** 16 MiB hold 200,000 names with their versions; 10,000 idle calls cost about 400 MB. */
const DEFAULT_LIMITS: XdsLimits = {
  requestBytesMax: 16 * 1024 * 1024,
  streamsMax: 10_000,
  drainTimeoutMs: 30_000,
};

/** A ping finds a dead connection within 35 s; both values are those that our bootstrap gives the proxy's side. */
const KEEPALIVE_TIME_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;

/** Connections are renewed, so that a fleet spreads over new replicas. grpc-js spreads the age by a tenth. */
const CONNECTION_AGE_MAX_MS = 11 * 3_600_000;
const CONNECTION_AGE_GRACE_MS = 60_000;

export interface XdsServerOptions {
  readonly listen: readonly ListenAddress[];
  /** Used on every TCP listener; needed wherever another machine can connect, since secrets are served. */
  readonly tls?: XdsTls;
  readonly placeNode: (node: XdsNode) => Placement;
  readonly secretResource: SecretResource;
  /** Random bytes that the replicas of an installation share: the key of the secrets' versions. */
  readonly secretVersionKey: Uint8Array;
  /** Why a node may not be served, undefined where it may. The names are the certificate's, empty without TLS. */
  readonly authorize?: (node: XdsNode, certificateNames: string) => string | undefined;
  readonly onEvent: (event: XdsServerEvent) => void;
  /** Instance and build: shown in a proxy's config dump. */
  readonly controlPlane: string;
  readonly limits?: XdsLimits;
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
  /** The connected proxies, by node id. */
  status(): ProxyStatus[];
  /** Takes no new call, ends the open ones spread over `graceMs`, and resolves when all connections are closed. */
  drain(graceMs: number): Promise<void>;
  /** Cuts everything. */
  close(): void;
}

/**
 * Serves delta ADS (envoy.service.discovery.v3) to fleets of proxies.
 * A proxy that belongs to no published fleet, or is too old, is held open and sent nothing. Throws XdsServerError.
 */
export async function startXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  // grpc-js would write to stderr what also comes back as an error.
  setLogVerbosity(logVerbosity.NONE);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const groups = new FleetGroups(options);
  const certificateNames = new WeakMap<XdsCall, string>();
  const registry = new ProxyRegistry({
    groups,
    controlPlane: options.controlPlane,
    drainTimeoutMs: limits.drainTimeoutMs,
    placeNode: options.placeNode,
    authorize: (node, call) => options.authorize?.(node, certificateNames.get(call) ?? ''),
    onEvent: options.onEvent,
  });
  const grpc = new Server({
    'grpc.max_receive_message_length': limits.requestBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_connection_age_ms': CONNECTION_AGE_MAX_MS,
    'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
  });
  const open = new Set<GrpcCall>();
  let isDraining = false;
  const handlers: DeltaAdsHandlers = {
    deltaAggregatedResources(call) {
      if (isDraining) return refuse(call, status.UNAVAILABLE, 'the server is going away');
      if (open.size >= limits.streamsMax) return refuse(call, status.RESOURCE_EXHAUSTED, 'too many streams');
      open.add(call);
      call.once('close', () => open.delete(call));
      certificateNames.set(new XdsCall(call, registry), call.getAuthContext().sslPeerCertificate?.subjectaltname ?? '');
    },
  };
  grpc.addService(DELTA_ADS_SERVICE, handlers);
  const addresses = await bindAll(grpc, options.listen, options.tls).catch((cause: unknown) => {
    grpc.forceShutdown();
    throw cause;
  });
  return {
    addresses,
    publish(fleet, publication, trial) {
      groups.publish(fleet, publication, trial);
      registry.placeHeld();
    },
    withdraw: (fleet) => groups.withdraw(fleet),
    setSecrets: (values) => groups.setSecrets(values),
    setShared: (resources) => groups.setShared(resources),
    served: () => registry.served(),
    status: () => registry.status(),
    drain(graceMs) {
      isDraining = true;
      return drain(grpc, registry.calls(), graceMs);
    },
    close: () => grpc.forceShutdown(),
  };
}

function refuse(call: GrpcCall, code: status, details: string): void {
  call.emit('error', { code, details });
}

/** Ends the calls one by one: their proxies go to other replicas, and all at once would be a storm there. */
async function drain(grpc: Server, calls: readonly XdsCall[], graceMs: number): Promise<void> {
  const timers = calls.map((call, index) =>
    setTimeout(() => call.end(status.UNAVAILABLE, 'the server is going away'), (graceMs * index) / calls.length),
  );
  const force = setTimeout(() => grpc.forceShutdown(), graceMs + CUT_AFTER_GRACE_MS);
  await new Promise<void>((resolve) => {
    grpc.tryShutdown(() => resolve());
  });
  clearTimeout(force);
  for (const timer of timers) clearTimeout(timer);
}

/** A connection that is still open this long after the last call was ended is cut. */
const CUT_AFTER_GRACE_MS = 1_000;
