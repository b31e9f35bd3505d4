import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { assert } from '../../core/base/assert.ts';
import { AcceptGate } from './accept-gate.ts';
import { type ConnectionHost, GrpcConnection } from './grpc-connection.ts';
import { DEFAULT_GRPC_LIMITS, type GrpcLimits } from './grpc-limits.ts';
import { GrpcListenError } from './grpc-listen-error.ts';
import type { GrpcFailure, GrpcMethod } from './grpc-method.ts';
import { answerStatus, GRPC_STATUS, isGrpcCall, refuseForeign } from './grpc-reply.ts';
import { formatListenAddress, isLocal, type ListenAddress, listenOn } from './listen-address.ts';
import { type ServerTls, secureContext, tlsOptions } from './server-tls.ts';

export interface GrpcServerOptions {
  readonly listen: readonly ListenAddress[];
  /** Used on every TCP address; needed wherever another machine can connect. Unix sockets are always plaintext. */
  readonly tls?: ServerTls | undefined;
  readonly methods: readonly GrpcMethod[];
  /** Those left out are `DEFAULT_GRPC_LIMITS`. */
  readonly limits?: Partial<GrpcLimits>;
  readonly onFailure?: (failure: GrpcFailure) => void;
}

export interface GrpcServer {
  /** With the ports in use where port 0 was asked for. */
  readonly addresses: readonly ListenAddress[];
  connections(): number;
  calls(): number;
  /** New connections are shown this certificate and checked against this authority; those that are open stay. */
  replaceCertificate(tls: ServerTls): void;
  /** Takes no new connection or call, ends the open ones spread over `graceMs`, and resolves when all is closed. */
  drain(graceMs: number): Promise<void>;
  /** Cuts everything. */
  close(): void;
}

/** Serves methods over gRPC on HTTP/2: frames, statuses, limits, keepalive, ages, draining. Throws GrpcListenError. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  for (const address of options.listen) {
    if (options.tls !== undefined || isLocal(address)) continue;
    const message = `plaintext is served on loopback or a Unix socket only, not on ${formatListenAddress(address)}`;
    throw new GrpcListenError(message, { code: 'insecure-listener' });
  }
  const shell = new ServerShell(options);
  for (const address of options.listen) {
    await shell.listen(address).catch((cause: unknown) => {
      shell.close();
      throw new GrpcListenError(`cannot listen on ${formatListenAddress(address)}`, { code: 'listen-failed', cause });
    });
  }
  return shell;
}

/** A fleet's requests are large when it reconnects: their windows are not refilled piece by piece. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const SESSION_WINDOW_BYTES = 1024 * 1024;
/** Large configurations wait in a session while its client reads. */
const SESSION_MEMORY_MB = 64;
/** Calls with a deadline end in a reset. Node's default, 33 a second, is met by an ordinary client; this is an attack. */
const RESET_BURST = 10_000;
const RESETS_PER_SECOND = 1_000;
/** The kernel finds what no ping of ours reaches: connections whose HTTP/2 never started. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** How often limits of time are looked at, where none is shorter. */
const SWEEP_MS = 1_000;
/** A connection that is still open this long after its last call was to be over is cut. */
const CUT_AFTER_GRACE_MS = 1_000;

class ServerShell implements GrpcServer, ConnectionHost {
  readonly addresses: ListenAddress[] = [];
  readonly limits: GrpcLimits;
  nowMs = performance.now();
  readonly #options: GrpcServerOptions;
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #plain: Http2Server;
  readonly #secure: Http2SecureServer | undefined;
  readonly #gate: AcceptGate;
  readonly #sockets: Server[] = [];
  readonly #connections = new Map<ServerHttp2Session, GrpcConnection>();
  readonly #sweeper: NodeJS.Timeout;
  #calls = 0;
  #isDraining = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.limits = { ...DEFAULT_GRPC_LIMITS, ...options.limits };
    this.#methods = new Map(options.methods.map((method) => [method.path, method]));
    const { connectionsMax, acceptsPerSecond, callsPerConnectionMax } = this.limits;
    const http2 = {
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_SECOND,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: callsPerConnectionMax },
    };
    this.#plain = this.#serve(createServer(http2), 'connection');
    if (options.tls !== undefined) {
      const secure = createSecureServer({ ...http2, ...tlsOptions(options.tls), allowHTTP1: false });
      this.#secure = this.#serve(secure, 'secureConnection');
    }
    this.#gate = new AcceptGate({
      connectionsMax,
      acceptsPerSecond,
      onRefused: (socket) => this.failed({ code: 'grpc-too-many-connections', peer: socket.remoteAddress ?? 'unix' }),
    });
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs(this.limits)).unref();
  }

  async listen(address: ListenAddress): Promise<void> {
    const server = createSocketServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS });
    const http2 = 'path' in address ? this.#plain : (this.#secure ?? this.#plain);
    server.on('connection', (socket) => this.#gate.take(socket, () => http2.emit('connection', socket)));
    this.#sockets.push(server);
    const peer = formatListenAddress(address);
    const onFailure = (cause: Error) => this.failed({ code: 'grpc-connection-failed', peer, cause });
    this.addresses.push(await listenOn(server, address, onFailure));
  }

  connections(): number {
    return this.#connections.size;
  }

  calls(): number {
    return this.#calls;
  }

  replaceCertificate(tls: ServerTls): void {
    assert(this.#secure !== undefined, 'a server that began with TLS keeps it');
    this.#secure.setSecureContext(secureContext(tls));
  }

  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const closed = this.#stopListening();
    const calls = [...this.#connections.values()].flatMap((connection) => [...connection.calls]);
    const timers = calls.map((call, index) =>
      setTimeout(() => call.end(GRPC_STATUS.unavailable), (graceMs * index) / calls.length),
    );
    for (const connection of this.#connections.values()) connection.closeWhenIdle();
    const cut = setTimeout(() => this.#destroyConnections(), graceMs + CUT_AFTER_GRACE_MS);
    await closed;
    for (const timer of [...timers, cut]) clearTimeout(timer);
    this.close();
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#gate.close();
    void this.#stopListening();
    this.#destroyConnections();
  }

  failed(failure: GrpcFailure): void {
    this.#options.onFailure?.(failure);
  }

  #stopListening(): Promise<unknown> {
    return Promise.all(this.#sockets.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  #destroyConnections(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  #serve<S extends Http2Server | Http2SecureServer>(server: S, opening: 'connection' | 'secureConnection'): S {
    let accepted: Socket;
    // The session of a socket is made by the listener that comes next, in the same turn.
    server.prependListener(opening as 'connection', (socket: Socket) => {
      accepted = socket;
    });
    server.on('session', (session: ServerHttp2Session) => {
      session.setLocalWindowSize(SESSION_WINDOW_BYTES);
      this.#connections.set(session, new GrpcConnection(session, accepted, this));
      session.on('close', () => this.#connections.delete(session));
    });
    const onBroken = (cause: NodeJS.ErrnoException) => {
      // A client that is gone did nothing wrong.
      if (cause.code !== 'ECONNRESET') this.failed({ code: 'grpc-connection-failed', peer: '', cause });
    };
    server.on('sessionError', onBroken);
    server.on('tlsClientError', onBroken);
    server.on('stream', (stream, headers) => this.#open(stream, headers));
    return server;
  }

  #open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const connection = this.#connections.get(stream.session as ServerHttp2Session);
    if (connection === undefined) return;
    if (!isGrpcCall(headers)) {
      refuseForeign(stream);
      return;
    }
    const method = this.#methods.get(headers[':path'] ?? '');
    if (method === undefined) answerStatus(stream, GRPC_STATUS.unimplemented);
    else if (this.#isDraining) answerStatus(stream, GRPC_STATUS.unavailable);
    else if (this.#calls >= this.limits.callsMax) {
      connection.failed('grpc-too-many-calls');
      answerStatus(stream, GRPC_STATUS.resourceExhausted, 'too many calls');
    } else {
      this.#calls += 1;
      stream.once('close', () => {
        this.#calls -= 1;
      });
      connection.open(stream, headers, method);
    }
  }

  #sweep(): void {
    this.nowMs = performance.now();
    for (const connection of this.#connections.values()) connection.sweep(this.nowMs);
  }
}

function sweepMs({ messageMs, drainMs, idleConnectionMs, keepAliveMs, keepAliveTimeoutMs }: GrpcLimits): number {
  return Math.min(
    SWEEP_MS,
    ...[messageMs, drainMs, idleConnectionMs, keepAliveMs, keepAliveTimeoutMs].map((ms) => ms / 2),
  );
}
