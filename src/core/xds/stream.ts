import type { XdsNode } from './node.ts';
import type { Resource } from './resource.ts';
import type { Snapshot } from './snapshot.ts';
import type { TypeState } from './type-state.ts';

/** One ADS stream of one proxy. A value: `step` gives the next one. */
export type Stream = OpenStream | { readonly kind: 'closed' };

export interface OpenStream {
  readonly kind: 'open';
  readonly node: XdsNode | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly types: ReadonlyMap<string, TypeState>;
  /** What the first request of each type must be answered with, whatever it lists as current. */
  readonly doubts: Doubts;
  readonly nonceCount: number;
  /**
   * A proxy that reconnects asks for all its types at once, in any order. Until then or this time, a type that was not
   * asked for yet counts as not acknowledged.
   */
  readonly resumingUntilMs: number;
  /** Since when nothing is outstanding. */
  readonly settledSinceMs: number | undefined;
  /** The generation of the last snapshot that was reported as fully acknowledged. */
  readonly announcedGeneration: number;
}

/**
 * Names by type URL of which a proxy may or may not hold what an earlier stream sent. Envoy keeps the good part of a
 * response that it refused, but does not list it in its initial versions.
 */
export type Doubts = ReadonlyMap<string, readonly string[]>;

export const NEW_STREAM: OpenStream = {
  kind: 'open',
  node: undefined,
  snapshot: undefined,
  types: new Map(),
  doubts: new Map(),
  nonceCount: 0,
  resumingUntilMs: 0,
  settledSinceMs: undefined,
  announcedGeneration: 0,
};

/** A delta request, decoded. */
export interface DeltaRequest {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly node?: XdsNode;
  /** The text of error_detail; its presence, not its content, makes the request a rejection. */
  readonly error?: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: ReadonlyMap<string, string>;
}

/** What can happen to a stream. */
export type StreamEvent =
  | { readonly kind: 'request'; readonly request: DeltaRequest }
  /** The doubts that the proxy's last stream left (`doubtsOf`); before the first snapshot. */
  | { readonly kind: 'resumed'; readonly doubts: Doubts }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'tick' }
  | { readonly kind: 'closed' };

/** A response in terms of the machine; the resources are shared by all streams. */
export interface Reply {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
  readonly systemVersion: string;
}

/** What a step tells the shell. */
export type Report =
  | { readonly kind: 'node-identified'; readonly node: XdsNode }
  | {
      readonly kind: 'subscribed';
      readonly typeUrl: string;
      readonly asked: readonly string[];
      readonly left: readonly string[];
    }
  | {
      readonly kind: 'acknowledged';
      readonly typeUrl: string;
      readonly nonce: string;
      readonly revision: string;
    }
  | {
      /**
       * The proxy refused a response. `names` are the resources at fault, empty where Envoy does not name them: then
       * `isolating` tells that parts of the response are being sent apart and that a report with the name follows.
       */
      readonly kind: 'rejected';
      readonly typeUrl: string;
      readonly nonce: string;
      readonly revision: string;
      readonly names: readonly string[];
      readonly message: string;
      readonly isolating: boolean;
    }
  /** Every type that the proxy uses is acknowledged, removals included. Once per published snapshot. */
  | { readonly kind: 'fully-acknowledged'; readonly revision: string }
  /** A type was sent although these types below it were not acknowledged in time. */
  | { readonly kind: 'gate-expired'; readonly typeUrl: string; readonly unacknowledged: readonly string[] };

/** Why the machine ends a stream, in terms of gRPC. */
export interface Closing {
  readonly code: 'invalid-argument' | 'resource-exhausted' | 'unavailable';
  readonly message: string;
}

export interface StepResult {
  readonly stream: Stream;
  readonly replies: readonly Reply[];
  readonly reports: readonly Report[];
  readonly closing?: Closing;
  /** A tick at this time is needed, unless an earlier event gives another. */
  readonly wakeAtMs?: number;
}
