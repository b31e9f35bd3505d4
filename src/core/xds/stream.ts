import { type Channel, DELTA_ADS } from './channel.ts';
import type { KeptVersions } from './kept-versions.ts';
import type { Resource } from './resource.ts';
import type { Snapshot } from './snapshot.ts';
import type { TypeState } from './type-state.ts';

/** One stream of one proxy. A value: `step` gives the next one. */
export type Stream = OpenStream | { readonly kind: 'closed' };

export interface OpenStream {
  readonly kind: 'open';
  readonly channel: Channel;
  /** Whether the client said which node it is. Nothing else of the node is known here: equal streams are one value. */
  readonly isIdentified: boolean;
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
  /** Whether the client drops resources that expire, so that they must be renewed. */
  readonly expires: boolean;
  /** When the resources of each type that expire are renewed next. */
  readonly beats: ReadonlyMap<string, number>;
}

/**
 * Names by type URL of which a proxy may or may not hold what an earlier stream sent. Envoy keeps the good part of a
 * response that it refused, but does not list it in its initial versions.
 */
export type Doubts = ReadonlyMap<string, readonly string[]>;

/** A delta stream of the aggregated service on which nothing happened. */
export const NEW_STREAM: OpenStream = {
  kind: 'open',
  channel: DELTA_ADS,
  isIdentified: false,
  snapshot: undefined,
  types: new Map(),
  doubts: new Map(),
  nonceCount: 0,
  resumingUntilMs: 0,
  settledSinceMs: undefined,
  announcedGeneration: 0,
  expires: false,
  beats: new Map(),
};

/** What requests of both variants say. */
export interface XdsRequest {
  /** May be empty on a separate service. */
  readonly typeUrl: string;
  readonly nonce: string;
  /** The text of error_detail; its presence, not its content, makes the request a rejection. */
  readonly error?: string;
}

/** A delta request, decoded. */
export interface DeltaRequest extends XdsRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: KeptVersions;
}

/** A state-of-the-world request, decoded. */
export interface SotwRequest extends XdsRequest {
  /** All names that are wanted from now on. */
  readonly names: readonly string[];
  /** The last version that the client accepted. */
  readonly version: string;
}

/** What can happen to a stream. */
export type StreamEvent =
  /** The first request of the stream carries a node with an id; the request itself follows. */
  | { readonly kind: 'identified'; readonly expires: boolean }
  | { readonly kind: 'request'; readonly request: DeltaRequest }
  | { readonly kind: 'sotw-request'; readonly request: SotwRequest }
  /** The doubts that the proxy's last stream left (`doubtsOf`); before the first snapshot. */
  | { readonly kind: 'resumed'; readonly doubts: Doubts }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** There is nothing to offer any more: the stream is held, and keeps what it has. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'closed' };

/** A response in terms of the machine; the resources are shared by all streams. */
export interface Reply {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly Resource[];
  /** Always empty in the state-of-the-world variant. */
  readonly removed: readonly string[];
  /** `system_version_info` of a delta response, `version_info` of the other variant. */
  readonly systemVersion: string;
  /**
   * - plain: content alone
   * - expiring: with the time after which the client drops a resource, where it has one
   * - heartbeat: with that time and without content
   */
  readonly form: 'plain' | 'expiring' | 'heartbeat';
}

/** What a step tells the shell. */
export type Report =
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
