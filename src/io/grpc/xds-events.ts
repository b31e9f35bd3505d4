import type { XdsNode } from '../../core/xds/node.ts';
import type { TypeStatus } from '../../core/xds/stream-status.ts';

/** One stream of one proxy. A proxy that reconnects has a new stream number. */
export interface ProxyStream {
  readonly stream: number;
  readonly node: string;
  /** The fleet that it is served, undefined while it belongs to none. */
  readonly fleet: string | undefined;
}

/** What the application learns. No event carries resources or values of secrets. */
export type XdsServerEvent = ProxyStream &
  (
    | { readonly kind: 'connected'; readonly peer: string }
    /** The stream is held open and sent nothing: `unknown-fleet`, or why the proxy cannot be served. */
    | { readonly kind: 'held'; readonly reason: string }
    | { readonly kind: 'acknowledged'; readonly typeUrl: string; readonly revision: string }
    /** See the machine's report of the same kind: `names` may follow in a later event while `isolating`. */
    | {
        readonly kind: 'rejected';
        readonly typeUrl: string;
        readonly revision: string;
        readonly names: readonly string[];
        readonly message: string;
        readonly isolating: boolean;
      }
    /** The proxy acknowledged everything of the revision. Comes again when secrets change. */
    | { readonly kind: 'fully-acknowledged'; readonly revision: string }
    | { readonly kind: 'gate-expired'; readonly typeUrl: string; readonly unacknowledged: readonly string[] }
    | { readonly kind: 'disconnected'; readonly reason: string }
  );

/** A connected proxy that is served. */
export interface ServedNode {
  readonly node: string;
  readonly fleet: string;
  /** What its bootstrap says of it. */
  readonly metadata: XdsNode['metadata'];
  readonly connectedForMs: number;
  /** The revision that it is offered. */
  readonly offered: string;
  /** The last revision of which it acknowledged everything. */
  readonly fullyAcknowledged: string | undefined;
}

/** How much was sent to a proxy on its stream. */
export interface Pushed {
  readonly responses: number;
  readonly resources: number;
  readonly bytes: number;
}

/** A connected proxy, as an operator wants to see it. */
export interface ProxyStatus extends ProxyStream {
  readonly peer: string;
  /** `1.40.0`, or empty. */
  readonly version: string;
  readonly connectedAtMs: number;
  /** Why it is sent nothing, undefined while it is served. */
  readonly held: string | undefined;
  /** The revision that it is offered. */
  readonly offered: string | undefined;
  /** The last revision of which it acknowledged everything. */
  readonly fullyAcknowledged: string | undefined;
  readonly pushed: Pushed;
  readonly types: readonly TypeStatus[];
}

/** An event without its proxy. */
export type XdsEventBody = XdsServerEvent extends infer Event
  ? Event extends XdsServerEvent
    ? Omit<Event, 'stream' | 'node' | 'fleet'>
    : never
  : never;

/** Of the streams of one proxy. */
export function sumOfPushed(all: readonly Pushed[]): Pushed {
  return all.reduce((sum, { responses, resources, bytes }) => ({
    responses: sum.responses + responses,
    resources: sum.resources + resources,
    bytes: sum.bytes + bytes,
  }));
}
