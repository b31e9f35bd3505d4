/**
 * What travels on one ext_proc stream, as plain data (envoy.service.ext_proc.v3.ProcessingRequest and ProcessingResponse,
 * narrowed to what the generated Envoy configuration sends and accepts). `codec/` turns them from and into bytes.
 */
import type { HeaderList } from './header-list.ts';

/** A message of Envoy. `kind` names the phase; a local reply of Envoy can make `response-headers` the first message. */
export type ProcessingRequest = HeadersRequest | BodyRequest | TrailersRequest;

export type HeadersKind = 'request-headers' | 'response-headers';
export type BodyKind = 'request-body' | 'response-body';
export type TrailersKind = 'request-trailers' | 'response-trailers';

export interface HeadersRequest extends MessageContext {
  readonly kind: HeadersKind;
  readonly headers: HeaderList;
  /** True when no body follows. */
  readonly endOfStream: boolean;
}

export interface BodyRequest extends MessageContext {
  readonly kind: BodyKind;
  /** A view of the message's bytes, not a copy. */
  readonly body: Uint8Array;
  readonly endOfStream: boolean;
}

export interface TrailersRequest extends MessageContext {
  readonly kind: TrailersKind;
  readonly trailers: HeaderList;
}

/** What may come beside the payload of any message. */
export interface MessageContext {
  readonly attributes: Attributes;
  readonly metadata: ForwardedMetadata;
  /** On the first message of a stream only. */
  readonly protocolConfig?: ProtocolConfig;
}

/** The attributes that the generated configuration asks for, by their CEL names; each is there when Envoy knows it. */
export interface Attributes {
  readonly 'upstream.address'?: string;
  readonly 'upstream.request_attempt_count'?: number;
  readonly 'response.code_details'?: string;
}

export interface ForwardedMetadata {
  /** The filter metadata namespaces that came along; the generated configuration asks for none. */
  readonly untyped: { readonly [namespace: string]: Struct };
  /** The typed namespace `envoy.ai.token_usage`: on the message that follows the end of an answer with usage. */
  readonly tokenUsage?: TokenUsage;
}

/** envoy.data.ai.v3.TokenUsage; a count is there when the answer named it. */
export interface TokenUsage {
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly cachedTokens?: number;
  readonly cacheCreationTokens?: number;
  readonly reasoningTokens?: number;
  /** PARTIAL: the answer ended before its usage was whole. */
  readonly status: 'UNSPECIFIED' | 'COMPLETE' | 'PARTIAL' | 'FAILED';
}

export type BodySendMode = 'NONE' | 'STREAMED' | 'BUFFERED' | 'BUFFERED_PARTIAL' | 'FULL_DUPLEX_STREAMED' | 'GRPC';
export type HeaderSendMode = 'DEFAULT' | 'SEND' | 'SKIP';

export interface ProtocolConfig {
  readonly requestBodyMode: BodySendMode;
  readonly responseBodyMode: BodySendMode;
  readonly sendBodyWithoutWaitingForHeaderResponse: boolean;
}

/** google.protobuf.Struct and Value as JSON-like data. */
export type StructValue = string | number | boolean | null | readonly StructValue[] | Struct;
export interface Struct {
  readonly [key: string]: StructValue;
}

/**
 * A message to Envoy. Outside FULL_DUPLEX exactly one per message of Envoy, of the same kind, or an `immediate` in its place.
 * A field left out says nothing to Envoy.
 */
export type ProcessingReply = HeadersReply | BodyReply | TrailersReply | ImmediateReply;

/** Names in lower case. A set header replaces every earlier value of that name (OVERWRITE_IF_EXISTS_OR_ADD). */
export interface HeaderEdits {
  readonly setHeaders?: readonly (readonly [name: string, value: string])[];
  readonly removeHeaders?: readonly string[];
}

export interface HeadersReply extends HeaderEdits, ReplyContext {
  readonly kind: HeadersKind;
  /** Makes Envoy choose the route again: needed when a header that routes match on was set. Request side only. */
  readonly clearRouteCache?: boolean;
  /** Obeyed in a headers reply only, and all six modes count: one left out would mean its default. */
  readonly modeOverride?: ModeOverride;
}

export interface BodyReply extends HeaderEdits, ReplyContext {
  readonly kind: BodyKind;
  readonly clearRouteCache?: boolean;
  /** Left out: the body stays as it is (not in FULL_DUPLEX, where what is not sent is lost). */
  readonly body?: BodyEdit;
}

/**
 * `replace` and `clear` outside FULL_DUPLEX only; a `replace` of a body with a content-length must set or remove that header
 * in the same reply. `streamed` in FULL_DUPLEX only, at most STREAMED_BODY_BYTES_MAX bytes.
 */
export type BodyEdit =
  | { readonly kind: 'replace'; readonly bytes: Uint8Array }
  | { readonly kind: 'clear' }
  | { readonly kind: 'streamed'; readonly bytes: Uint8Array; readonly endOfStream: boolean };

/** Envoy wants streamed chunks below 64 KiB; this leaves room for the message around the bytes. */
export const STREAMED_BODY_BYTES_MAX = 62_000;

export interface TrailersReply extends HeaderEdits, ReplyContext {
  readonly kind: TrailersKind;
}

/** Ends the request with an answer of our own. The HCM wraps its body in JSON unless `headgate.reply` says that it is ready. */
export interface ImmediateReply extends ReplyContext {
  readonly kind: 'immediate';
  /** HTTP status, 200 to 599. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** One word for access logs (%RESPONSE_CODE_DETAILS%). */
  readonly details: string;
}

export interface ReplyContext {
  /** Namespace → values; one that the configuration does not list as receiving is dropped by Envoy without a word. */
  readonly dynamicMetadata?: { readonly [namespace: string]: Struct };
}

export interface ModeOverride {
  readonly requestHeaderMode: HeaderSendMode;
  readonly requestBodyMode: BodySendMode;
  readonly requestTrailerMode: HeaderSendMode;
  readonly responseHeaderMode: HeaderSendMode;
  readonly responseBodyMode: BodySendMode;
  readonly responseTrailerMode: HeaderSendMode;
}
