import type { ClientHttp2Session } from 'node:http2';
import type { Digest } from '../../core/base/digest.ts';
import type { ListenAddress } from '../net/listen-address.ts';
import { BundleError } from './bundle-error.ts';
import {
  type CountersByKey,
  type DeciderMessage,
  decodeInUse,
  encodeDeciderMessage,
  type Hello,
  type InUse,
} from './bundle-messages.ts';
import { BUNDLE_SERVICE } from './bundle-server.ts';
import { type ClientCall, openCall } from './client-call.ts';
import { type ClientTls, ControlConnection } from './control-connection.ts';
import { fetchBundle } from './fetch-bundle.ts';

export interface BundleClientOptions {
  readonly target: ListenAddress;
  readonly tls?: (() => ClientTls) | undefined;
  readonly hello: Hello;
  /** What is told of at each new connection. */
  readonly held: () => readonly Digest[];
  readonly counters: () => CountersByKey;
  readonly onInUse: (inUse: InUse) => void;
  /** The subscription stands. */
  readonly onUp: () => void;
  /** A connection is gone or could not be made, and why; the next one is on its way. */
  readonly onDown: (reason: string) => void;
}

/** A decider's side of the bundle service. It calls again whenever it lost the control plane. */
export interface BundleClient {
  /** Says what is held now. */
  readonly tellHeld: () => void;
  readonly tellCounters: (counters: CountersByKey) => void;
  /** No proxy shall come any more. */
  readonly leave: () => void;
  /** The file of a bundle. Throws BundleError. */
  readonly fetch: (digest: Digest) => Promise<Buffer>;
  readonly isUp: () => boolean;
  /** Resolves when the control plane has all that was said, or does not take it in time. */
  readonly close: () => Promise<void>;
}

/** How long somebody who wants a bundle waits for a connection. */
const CONNECTION_WAIT_MS = 10_000;
/** How long the control plane may take to take what was said last. */
const CLOSE_TIMEOUT_MS = 1_000;

export function startBundleClient(options: BundleClientOptions): BundleClient {
  let session: ClientHttp2Session | undefined;
  let subscription: ClientCall | undefined;
  let isUp = false;
  /** Why the control plane ended the subscription. */
  let ended: string | undefined;
  let isLeaving = false;
  let onEnded: () => void = () => undefined;
  const waiting = new Set<(session: ClientHttp2Session) => void>();
  const send = (message: DeciderMessage): void => subscription?.send(encodeDeciderMessage(message));
  const subscribe = (opened: ClientHttp2Session): void => {
    session = opened;
    subscription = openCall(opened, `${BUNDLE_SERVICE}/Subscribe`, {
      onMessage: (bytes) => {
        const inUse = decodeInUse(bytes);
        if (inUse === undefined) return;
        connection.proved();
        if (!isUp) options.onUp();
        isUp = true;
        options.onInUse(inUse);
      },
      onEnd: (_status, text) => {
        ended = text;
        subscription = undefined;
        onEnded();
        connection.drop();
      },
    });
    send({ kind: 'hello', hello: options.hello });
    send({ kind: 'held', digests: options.held() });
    send({ kind: 'counters', counters: options.counters() });
    if (isLeaving) send({ kind: 'leaving' });
    for (const resolve of waiting) resolve(opened);
    waiting.clear();
  };
  const connection = new ControlConnection({
    target: options.target,
    tls: options.tls,
    onUp: subscribe,
    onDown: (reason) => {
      session = undefined;
      isUp = false;
      options.onDown(ended ?? reason);
      ended = undefined;
    },
  });
  const connected = (): Promise<ClientHttp2Session> => {
    if (session !== undefined && !session.closed && !session.destroyed) return Promise.resolve(session);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(take);
        reject(new BundleError('bundle-unreachable', 'the control plane cannot be reached'));
      }, CONNECTION_WAIT_MS);
      const take = (opened: ClientHttp2Session): void => {
        clearTimeout(late);
        resolve(opened);
      };
      waiting.add(take);
    });
  };
  return {
    tellHeld: () => send({ kind: 'held', digests: options.held() }),
    tellCounters: (counters) => send({ kind: 'counters', counters }),
    leave: () => {
      isLeaving = true;
      send({ kind: 'leaving' });
    },
    fetch: (digest) => fetchBundle(digest, connected),
    isUp: () => isUp,
    close: async () => {
      const last = subscription;
      if (last !== undefined) {
        const late = setTimeout(() => last.cancel(), CLOSE_TIMEOUT_MS);
        last.halfClose();
        await new Promise<void>((resolve) => {
          onEnded = resolve;
        });
        clearTimeout(late);
      }
      connection.close();
    },
  };
}
