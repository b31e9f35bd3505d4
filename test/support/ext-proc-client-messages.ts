import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import type { TokenUsage } from '../../src/core/exchange/messages.ts';
import { TokenUsage_ExtractionStatus, TokenUsageSchema } from '../../src/gen/envoy/data/ai/v3/token_usage_pb.js';
import { ProcessingMode_BodySendMode } from '../../src/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import {
  ProcessingRequestSchema,
  ProtocolConfigurationSchema,
} from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import type { Modes } from './ext-proc-client-filter.ts';
import type { Headers } from './ext-proc-client-headers.ts';
import type { AnswerPlan, RequestPlan } from './ext-proc-client-plan.ts';

/** What Envoy puts beside the payload of a message. */
export interface Beside {
  readonly attributes?: RequestPlan['attributes'];
  readonly metadata?: RequestPlan['metadata'];
  readonly usage?: AnswerPlan['usage'];
  /** On a stream's first message. */
  readonly modes?: Modes;
}

export type Payload =
  | { readonly kind: 'request-headers' | 'response-headers'; readonly headers: Headers; readonly endOfStream: boolean }
  | { readonly kind: 'request-body' | 'response-body'; readonly body: Uint8Array; readonly endOfStream: boolean }
  | { readonly kind: 'response-trailers' };

const utf8 = new TextEncoder();

/** A message as Envoy writes it, by protobuf-es. */
export function envoyMessage(payload: Payload, beside: Beside): Uint8Array {
  const { attributes, metadata, usage, modes } = beside;
  const message = create(ProcessingRequestSchema, {
    request: requestOf(payload),
    attributes: attributes ? { 'envoy.filters.http.ext_proc': { ...attributes } } : {},
    metadataContext: {
      filterMetadata: { ...metadata },
      typedFilterMetadata: usage ? { 'envoy.ai.token_usage': anyPack(TokenUsageSchema, usageOf(usage)) } : {},
    },
  });
  if (modes) {
    message.protocolConfig = create(ProtocolConfigurationSchema, {
      requestBodyMode: ProcessingMode_BodySendMode[modes.requestBody],
      responseBodyMode: ProcessingMode_BodySendMode[modes.responseBody],
    });
  }
  return toBinary(ProcessingRequestSchema, message);
}

type Request = NonNullable<MessageInitShape<typeof ProcessingRequestSchema>['request']>;

function requestOf(payload: Payload): Request {
  switch (payload.kind) {
    case 'request-headers':
      return { case: 'requestHeaders', value: httpHeaders(payload.headers, payload.endOfStream) };
    case 'response-headers':
      return { case: 'responseHeaders', value: httpHeaders(payload.headers, payload.endOfStream) };
    case 'request-body':
      return { case: 'requestBody', value: { body: payload.body, endOfStream: payload.endOfStream } };
    case 'response-body':
      return { case: 'responseBody', value: { body: payload.body, endOfStream: payload.endOfStream } };
    case 'response-trailers':
      return { case: 'responseTrailers', value: { trailers: { headers: [] } } };
  }
}

function httpHeaders(headers: Headers, endOfStream: boolean) {
  return { headers: { headers: headers.map(([key, value]) => ({ key, rawValue: utf8.encode(value) })) }, endOfStream };
}

function usageOf(usage: TokenUsage) {
  const status = usage.status === 'UNSPECIFIED' ? 'EXTRACTION_STATUS_UNSPECIFIED' : usage.status;
  return create(TokenUsageSchema, {
    model: usage.model ?? '',
    inputTokens: wrapped(usage.inputTokens),
    outputTokens: wrapped(usage.outputTokens),
    totalTokens: wrapped(usage.totalTokens),
    inputTokenDetails: {
      cachedTokens: wrapped(usage.cachedTokens),
      cacheCreationTokens: wrapped(usage.cacheCreationTokens),
    },
    outputTokenDetails: { reasoningTokens: wrapped(usage.reasoningTokens) },
    extractionStatus: TokenUsage_ExtractionStatus[status],
  });
}

function wrapped(count: number | undefined): bigint | undefined {
  return count === undefined ? undefined : BigInt(count);
}
