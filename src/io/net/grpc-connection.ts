import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { GrpcLimits } from './grpc-limits.ts';
import type { GrpcFailure, GrpcMethod } from './grpc-method.ts';
import { GRPC_STATUS } from './grpc-reply.ts';
import { GrpcStream, type StreamHost } from './grpc-stream.ts';

/** What a connection needs of the server. */
export interface ConnectionHost {
  readonly limits: GrpcLimits;
  readonly nowMs: number;
  failed(failure: GrpcFailure): void;
}

/** Ages lie within a tenth of the limit, so that connections that came together do not go together. */
const AGE_SPREAD = 0.2;

/** How long a peer may keep its end of a connection whose HTTP/2 is over. */
const LINGER_MS = 5_000;

/** One HTTP/2 connection and its calls. */
export class GrpcConnection implements StreamHost {
  readonly peer: string;
  readonly calls = new Set<GrpcStream>();
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #retireAtMs: number;
  #certificateNames: string | undefined;
  #heardAtMs: number;
  #pingedAtMs: number | undefined;
  #idleSinceMs: number;
  #isRetired = false;
  #overSinceMs: number | undefined;

  /** @param socket the session's own: of one that is over, Node gives no access to it any more */
  constructor(session: ServerHttp2Session, socket: Socket, host: ConnectionHost) {
    this.#session = session;
    this.#socket = socket;
    this.#host = host;
    this.#heardAtMs = host.nowMs;
    this.#idleSinceMs = host.nowMs;
    this.#retireAtMs = host.nowMs + host.limits.connectionAgeMs * (1 + AGE_SPREAD * (Math.random() - 1 / 2));
    const { remoteAddress, remotePort } = socket;
    this.peer = remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort}`;
  }

  get limits(): GrpcLimits {
    return this.#host.limits;
  }

  get nowMs(): number {
    return this.#host.nowMs;
  }

  get certificateNames(): string {
    this.#certificateNames ??= subjectNames(this.#socket);
    return this.#certificateNames;
  }

  heard(): void {
    this.#heardAtMs = this.#host.nowMs;
  }

  failed(code: GrpcFailure['code']): void {
    this.#host.failed({ code, peer: this.peer });
  }

  open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, method: GrpcMethod): void {
    const call = new GrpcStream(stream, headers, method, this);
    this.calls.add(call);
    stream.once('close', () => {
      this.calls.delete(call);
      if (this.calls.size > 0) return;
      this.#idleSinceMs = this.#host.nowMs;
      if (this.#isRetired) this.#session.close();
    });
  }

  /** Keeps the limits of time, of the calls too. */
  sweep(nowMs: number): void {
    const { limits } = this.#host;
    if (this.#session.destroyed) {
      this.#overSinceMs ??= nowMs;
      if (nowMs - this.#overSinceMs >= LINGER_MS) this.#socket.destroy();
      return;
    }
    for (const call of this.calls) call.sweep(nowMs);
    if (this.calls.size === 0 && nowMs - this.#idleSinceMs >= limits.idleConnectionMs) {
      this.failed('grpc-connection-silent');
      this.destroy();
    } else if (this.#pingedAtMs !== undefined) {
      if (nowMs - this.#pingedAtMs < limits.keepAliveTimeoutMs) return;
      this.failed('grpc-connection-silent');
      this.destroy();
    } else if (nowMs >= this.#retireAtMs) {
      this.retire();
    } else if (nowMs - this.#heardAtMs >= limits.keepAliveMs) this.#ping(nowMs);
  }

  /** Ends the calls, and then the connection. */
  retire(): void {
    if (this.#isRetired) return;
    for (const call of this.calls) call.end(GRPC_STATUS.unavailable, 'the connection is renewed');
    this.closeWhenIdle();
  }

  /** Closes the connection as soon as it has no call. */
  closeWhenIdle(): void {
    this.#isRetired = true;
    if (this.calls.size === 0) this.#session.close();
  }

  destroy(): void {
    if (this.#session.destroyed) this.#socket.destroy();
    else this.#session.destroy();
  }

  #ping(nowMs: number): void {
    this.#pingedAtMs = nowMs;
    this.#session.ping(() => {
      this.#pingedAtMs = undefined;
      this.heard();
    });
  }
}

function subjectNames(socket: Socket): string {
  return socket instanceof TLSSocket ? (socket.getPeerCertificate().subjectaltname ?? '') : '';
}
