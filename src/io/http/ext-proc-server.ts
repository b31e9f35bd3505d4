import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { answerStatus, GRPC_STATUS, isGrpcCall, refuseForeign } from '../net/grpc-reply.ts';
import { formatListenAddress, isLocal, type ListenAddress, listenOn } from '../net/listen-address.ts';
import { ExtProcListenError } from './ext-proc-listen-error.ts';
import { type ExchangeHandler, type ExchangeSender, type ExtProcFailure, serveExchange } from './ext-proc-stream.ts';
import { answerHealthCheck, HEALTH_CHECK_PATH, type HealthServices } from './health-check.ts';

const EXT_PROC_SERVICE = 'envoy.service.ext_proc.v3.ExternalProcessor';
const EXT_PROC_PATH = `/${EXT_PROC_SERVICE}/Process`;

/** What Envoy says about an exchange before its first message: the per-route `grpc_initial_metadata` of our configuration. */
export interface ExchangeOpening {
  /** x-headgate-role: `adapt` on the inner filter, nothing on the outer one. */
  readonly role: string | undefined;
  /** x-headgate-revision: the digest that the proxy's routes were made from. */
  readonly revision: string | undefined;
  /** x-headgate-fleet: the `node.cluster` of the proxy's fleet, on the outer filter. */
  readonly fleet: string | undefined;
}

export interface ExtProcLimits {
  /** Largest message of Envoy: the largest body that a route admits and something for the message around it. */
  readonly messageBytesMax: number;
  /** Exchanges open at one time; each request holds one to the end of its answer. More get RESOURCE_EXHAUSTED. */
  readonly streamsMax: number;
}

/** 32 MiB is the largest body that a Route may admit; more streams than Envoy's breakers let through. */
const DEFAULT_LIMITS: ExtProcLimits = { messageBytesMax: 32 * 1024 * 1024 + 256 * 1024, streamsMax: 100_000 };

/** PEM texts. Clients must show a certificate of `clientAuthority`. */
export interface ExtProcTls {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

export interface ExtProcServerOptions {
  readonly listen: ListenAddress;
  /** Needed wherever another machine can connect. */
  readonly tls?: ExtProcTls;
  /** Called for each stream, before its first message. */
  readonly onExchange: (opening: ExchangeOpening, sender: ExchangeSender) => ExchangeHandler;
  readonly onFailure: (failure: ExtProcFailure) => void;
  /** Asked by health checks while the server is not draining. */
  readonly isReady: () => boolean;
  readonly limits?: ExtProcLimits;
}

export interface ExtProcServer {
  /** With the port in use when port 0 was asked for. */
  readonly address: ListenAddress;
  openExchanges(): number;
  /** The certificate of connections from now on; those that are open keep theirs. For a server with TLS. */
  readonly replaceTls: (tls: ExtProcTls) => void;
  /** Takes no new connection or stream, lets exchanges end for `graceMs`, cuts the rest, and resolves when all is closed. */
  drain(graceMs: number): Promise<void>;
}

/** Serves envoy.service.ext_proc.v3 and grpc.health.v1 over HTTP/2. Throws ExtProcListenError. */
export async function startExtProcServer(options: ExtProcServerOptions): Promise<ExtProcServer> {
  if (options.tls === undefined && !isLocal(options.listen)) {
    throw new ExtProcListenError('ext_proc without TLS is served on a loopback address or a Unix socket only', {
      code: 'ext-proc-insecure-listener',
    });
  }
  const limits = options.limits ?? DEFAULT_LIMITS;
  const server = createHttp2Server(options.tls, limits);
  const sessions = new Set<ServerHttp2Session>();
  let exchangesOpen = 0;
  let isDraining = false;
  const wantsRequests = () => !isDraining && options.isReady();
  const health: HealthServices = new Map([
    ['', wantsRequests],
    ['liveness', () => true],
    ['readiness', wantsRequests],
    [EXT_PROC_SERVICE, wantsRequests],
  ]);

  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    tuneSocket(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    session.on('close', () => sessions.delete(session));
  });
  const onFailure = (cause: Error) => options.onFailure({ code: 'ext-proc-connection-failed', cause });
  server.on('sessionError', onFailure);
  server.on('stream', (stream, headers) => {
    if (!isGrpcCall(headers)) return refuseForeign(stream);
    if (headers[':path'] === HEALTH_CHECK_PATH) return answerHealthCheck(stream, health);
    if (headers[':path'] !== EXT_PROC_PATH) return answerStatus(stream, GRPC_STATUS.unimplemented);
    if (exchangesOpen >= limits.streamsMax) {
      options.onFailure({ code: 'ext-proc-too-many-streams' });
      return answerStatus(stream, GRPC_STATUS.resourceExhausted);
    }
    exchangesOpen += 1;
    serveExchange(stream, {
      messageBytesMax: limits.messageBytesMax,
      openExchange: (sender) => options.onExchange(openingOf(headers), sender),
      onFailure: options.onFailure,
      onEnd: () => {
        exchangesOpen -= 1;
      },
    });
  });

  const address = await listenOn(server, options.listen, onFailure).catch((cause: unknown) => {
    const where = formatListenAddress(options.listen);
    throw new ExtProcListenError(`cannot listen for ext_proc on ${where}`, { cause, code: 'ext-proc-listen-failed' });
  });
  return {
    address,
    openExchanges: () => exchangesOpen,
    replaceTls: (tls) => {
      if ('setSecureContext' in server) server.setSecureContext(secureContext(tls));
    },
    drain: async (graceMs) => {
      isDraining = true;
      await closeAll(server, { sessions, sockets }, graceMs);
    },
  };
}

/** Envoy resets a stream at the end of most requests; Node's default closes the connection after a thousand resets. */
const RESETS_UNLIMITED = 1e9;
/** Many large bodies at once on one connection: at Node's default of 10 MB it would be closed. */
const SESSION_MEMORY_MB = 1024;
/** A chat request of usual size fits without a window update. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 64 * 1024 * 1024;

function createHttp2Server(tls: ExtProcTls | undefined, limits: ExtProcLimits): Http2Server | Http2SecureServer {
  const http2 = {
    streamResetBurst: RESETS_UNLIMITED,
    streamResetRate: RESETS_UNLIMITED,
    maxSessionMemory: SESSION_MEMORY_MB,
    settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: limits.streamsMax },
  };
  if (tls === undefined) return createServer(http2);
  return createSecureServer({
    ...http2,
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: true,
    allowHTTP1: false,
  });
}

function secureContext(tls: ExtProcTls): SecureContextOptions {
  return { cert: tls.certificate, key: tls.key, ca: tls.clientAuthority, minVersion: 'TLSv1.2' };
}

/** A proxy whose machine vanished must not hold its reservations for hours. */
const KEEP_ALIVE_AFTER_MS = 30_000;

function tuneSocket(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
}

function openingOf(headers: IncomingHttpHeaders): ExchangeOpening {
  return {
    role: single(headers['x-headgate-role']),
    revision: single(headers['x-headgate-revision']),
    fleet: single(headers['x-headgate-fleet']),
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}

async function closeAll(
  server: Http2Server | Http2SecureServer,
  { sessions, sockets }: { readonly sessions: Set<ServerHttp2Session>; readonly sockets: Set<Socket> },
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of sessions) session.close();
  const deadline = setTimeout(() => {
    for (const session of sessions) session.destroy();
    // A session that is over already waits for the other end to close, which may be gone.
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(deadline);
}
