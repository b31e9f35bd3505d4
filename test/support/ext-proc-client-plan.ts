import type { JsonObject } from '@bufbuild/protobuf';
import type { BodySendMode, TokenUsage } from '../../src/core/exchange/messages.ts';
import type { ProcessingResponse } from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import type { CallEnd } from './ext-proc-client-call.ts';
import type { FilterConfig } from './ext-proc-client-filter.ts';
import type { Headers } from './ext-proc-client-headers.ts';

/** One HTTP request through Envoy, as a test describes it. */
export interface ExchangePlan {
  /** OUTER_FILTER when left out. */
  readonly filter?: FilterConfig;
  /** The gRPC metadata of the route, such as x-headgate-revision. */
  readonly initialMetadata?: { readonly [name: string]: string };
  readonly request: RequestPlan;
  /** Envoy's own answer in place of deciding anything (413, or 400 of an earlier filter): it comes to us as response headers. */
  readonly localReply?: AnswerPlan;
  /** The upstream; a small JSON answer when left out. */
  readonly upstream?: (request: UpstreamRequest) => AnswerPlan;
  /** When the HTTP client goes away, and what the ext_proc stream then sees. */
  readonly abort?: { readonly at: AbortPoint; readonly how: 'reset' | 'half-close' | 'disconnect' };
  /** How long a reply may take: a test's bound, not Envoy's message_timeout. 5 s when left out. */
  readonly replyMs?: number;
}

export interface RequestPlan {
  readonly headers: Headers;
  /** A content-length is added unless `isChunked`. */
  readonly body?: Uint8Array | string;
  readonly isChunked?: boolean;
  readonly attributes?: { readonly [name: string]: string | number };
  /** Untyped namespaces that earlier filters wrote (`headgate.request`). */
  readonly metadata?: { readonly [namespace: string]: JsonObject };
}

export interface UpstreamRequest {
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly isRouteCacheCleared: boolean;
}

export interface AnswerPlan {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: readonly (Uint8Array | string)[];
  /** Makes ai_protocol_manager synthesise trailers that carry it. */
  readonly usage?: TokenUsage;
  readonly attributes?: { readonly [name: string]: string | number };
  readonly metadata?: { readonly [namespace: string]: JsonObject };
}

export type AbortPoint =
  | 'deciding-request-headers'
  | 'deciding-request-body'
  | 'waiting-for-answer'
  | 'deciding-response-headers'
  | 'in-answer';

export interface ExchangeResult {
  /**
   * `continue`: the upstream answered. `immediate`: we did. `cut`: we ended the client's answer by an immediate reply after its
   * headers had gone out. `failed`: the stream ended with an error. `aborted`: as the plan says.
   */
  readonly decision: 'continue' | 'immediate' | 'cut' | 'failed' | 'aborted';
  /** What the upstream got. */
  readonly upstream: UpstreamRequest | undefined;
  /** What the client got, as far as it came. */
  readonly response: ClientResponse | undefined;
  /** Dynamic metadata of all replies, by namespace. */
  readonly metadata: { readonly [namespace: string]: JsonObject };
  /** `details` of an immediate reply, for the access log. */
  readonly details: string | undefined;
  /** The mode in which the answer's body went through. */
  readonly responseBodyMode: BodySendMode;
  readonly replies: readonly ProcessingResponse[];
  readonly end: CallEnd;
}

export interface ClientResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** False when the client saw the stream break. */
  readonly isComplete: boolean;
}
