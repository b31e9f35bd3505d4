import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import type { ListenAddress } from '../net/listen-address.ts';

/** Mutual TLS to the control plane, as PEM texts. */
export interface ClientTls {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  /** The name that the server's certificate must carry. */
  readonly serverName: string;
}

export interface ConnectionOptions {
  readonly target: ListenAddress;
  /** Asked at each connection, so that a renewed certificate is used. */
  readonly tls?: (() => ClientTls) | undefined;
  readonly onUp: (session: ClientHttp2Session) => void;
  /** The connection is gone, or there was none to be had. */
  readonly onDown: (reason: string) => void;
}

/** The wait before the next connection doubles from one to the other; a fleet of deciders spreads over half of it. */
const WAIT_MS_MIN = 250;
const WAIT_MS_MAX = 5_000;
const SPREAD = 0.5;
/** A control plane that fell silent is noticed after the sum of the two. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
/** How long a connection may take to be made. */
const CONNECT_TIMEOUT_MS = 5_000;

/** One connection to the control plane, made again whenever it is lost. */
export class ControlConnection {
  readonly #options: ConnectionOptions;
  #session: ClientHttp2Session | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#connect();
  }

  /** The next wait is the shortest again: the control plane answered as it should. */
  proved(): void {
    this.#failures = 0;
  }

  /** Gives the connection up, for a new one after a wait. */
  drop(): void {
    this.#session?.destroy();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#session?.destroy();
  }

  #connect(): void {
    const session = openSession(this.#options);
    this.#session = session;
    let reason = 'closed by the control plane';
    let pings: NodeJS.Timeout | undefined;
    const late = setTimeout(() => session.destroy(new Error('no connection in time')), CONNECT_TIMEOUT_MS);
    session.once('connect', (_, socket) => {
      clearTimeout(late);
      pings = setInterval(() => ping(session, socket), PING_INTERVAL_MS).unref();
      this.#options.onUp(session);
    });
    // Existing calls may end; there will be no new one.
    session.once('goaway', () => session.close());
    session.on('error', (cause: Error) => {
      reason = cause.message;
    });
    session.once('close', () => {
      clearTimeout(late);
      clearInterval(pings);
      this.#session = undefined;
      this.#options.onDown(reason);
      this.#retry();
    });
  }

  #retry(): void {
    if (this.#isClosed) return;
    const waitMs = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), waitMs * (1 - SPREAD * Math.random()));
  }
}

function openSession({ target, tls }: ConnectionOptions): ClientHttp2Session {
  if ('path' in target) return connect('http://localhost', { createConnection: () => connectSocket(target.path) });
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  if (tls === undefined) return connect(`http://${host}:${target.port}`);
  const { certificate, key, authority, serverName } = tls();
  const secure: SecureClientSessionOptions = {
    ...{ cert: certificate, key, ca: authority, servername: serverName, minVersion: 'TLSv1.2' },
  };
  return connect(`https://${host}:${target.port}`, secure);
}

function ping(session: ClientHttp2Session, socket: Socket): void {
  // Its HTTP/2 is over, and the other end keeps the connection all the same.
  if (session.destroyed) {
    socket.destroy();
    return;
  }
  const late = setTimeout(() => session.destroy(new Error('no answer to a ping')), PING_TIMEOUT_MS);
  session.once('close', () => clearTimeout(late));
  if (!session.ping(() => clearTimeout(late))) clearTimeout(late);
}
