import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type ServerAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export interface ClientTls {
  readonly certificate?: string;
  readonly key?: string;
  readonly authority: string;
}

export const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** How a call ended: the gRPC status of its trailers, or the reset that took their place. */
export interface CallEnd {
  readonly status: number | undefined;
  readonly rstCode: number;
}

/** One gRPC call as a client sees it, with messages as bytes. */
export interface Call {
  readonly stream: ClientHttp2Stream;
  send(message: Uint8Array): void;
  /** Bytes as they are, to cut or break frames. */
  sendRaw(bytes: Uint8Array): void;
  /** The next message, or undefined when the call ended without one. */
  next(): Promise<Uint8Array | undefined>;
  /** Messages that arrived and were not taken. */
  waiting(): number;
  isEnded(): boolean;
  readonly ended: Promise<CallEnd>;
}

export async function connectHttp2(address: ServerAddress, tls?: ClientTls): Promise<ClientHttp2Session> {
  const target = 'path' in address ? { path: address.path } : { host: address.host, port: address.port };
  const session = connect('http://ext-proc.test', {
    createConnection: () =>
      tls === undefined
        ? connectSocket(target)
        : connectTls({
            ...target,
            cert: tls.certificate,
            key: tls.key,
            ca: tls.authority,
            ALPNProtocols: ['h2'],
            checkServerIdentity: () => undefined,
          }),
    // As Envoy: nothing of ours is pushed, and bodies of 8 MiB come back without waiting for window updates.
    settings: { enablePush: false, initialWindowSize: 16 * 1024 * 1024 },
    maxSessionMemory: 512,
  });
  await new Promise<void>((resolve, reject) => {
    session.once('connect', () => resolve());
    session.once('error', reject);
  });
  session.on('error', () => {
    // each call of a broken connection says it by its own end
  });
  return session;
}

export function openCall(session: ClientHttp2Session, path: string, metadata: OutgoingHttpHeaders = {}): Call {
  const stream = session.request(
    { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...metadata },
    { endStream: false },
  );
  const queue: Uint8Array[] = [];
  const takers: ((message: Uint8Array | undefined) => void)[] = [];
  let status: number | undefined;
  let isEnded = false;
  let rest = Buffer.alloc(0);
  const readStatus = (headers: Record<string, unknown>): void => {
    if (headers['grpc-status'] !== undefined) status = Number(headers['grpc-status']);
  };
  stream.on('response', readStatus);
  stream.on('trailers', readStatus);
  stream.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      const message = Uint8Array.from(rest.subarray(5, end));
      rest = rest.subarray(end);
      const taker = takers.shift();
      if (taker) taker(message);
      else queue.push(message);
    }
  });
  stream.on('error', () => {
    // 'close' follows and gives the reset code
  });
  const ended = new Promise<CallEnd>((resolve) => {
    stream.on('close', () => finish(resolve));
    stream.on('end', () => finish(resolve));
  });
  function finish(resolve: (end: CallEnd) => void): void {
    isEnded = true;
    for (const taker of takers.splice(0)) taker(undefined);
    resolve({ status, rstCode: stream.rstCode });
  }
  return {
    stream,
    send: (message) => {
      stream.write(frame(message));
    },
    sendRaw: (bytes) => {
      stream.write(bytes);
    },
    next: async () =>
      queue.shift() ?? (isEnded ? undefined : await new Promise((resolve) => void takers.push(resolve))),
    waiting: () => queue.length,
    isEnded: () => isEnded,
    ended,
  };
}

export function frame(message: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

export const CANCEL = constants.NGHTTP2_CANCEL;
