import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenUsage_ExtractionStatus, TokenUsageSchema } from '../../../gen/envoy/data/ai/v3/token_usage_pb.js';
import { ProcessingMode_BodySendMode } from '../../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import {
  type ProcessingRequest as EnvoyRequest,
  ProcessingRequestSchema,
} from '../../../gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { headerEntries } from '../header-list.ts';
import type { Attributes, BodySendMode, ProcessingRequest, Struct, TokenUsage } from '../messages.ts';
import { decodeProcessingRequest } from './decode-request.ts';

const utf8 = new TextEncoder();

function readable(message: ProcessingRequest): unknown {
  if ('headers' in message) return { ...message, headers: headerEntries(message.headers) };
  if ('trailers' in message) return { ...message, trailers: headerEntries(message.trailers) };
  return { ...message, body: [...message.body] };
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'x-', 'é', '日', '🙂', ' ', '{', '"'), maxLength: 80 });
const headers = fc.array(fc.tuple(text, text), { maxLength: 30 });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    'upstream.address': text,
    'upstream.request_attempt_count': count,
    'response.code_details': text,
  },
  { requiredKeys: [] },
);

const struct: fc.Arbitrary<Struct> = fc.letrec<{ struct: Struct; value: Struct[string] }>((tie) => ({
  struct: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 4 },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('struct'),
  ),
})).struct;

const tokenUsage: fc.Arbitrary<TokenUsage> = fc.record(
  {
    status: fc.constantFrom('UNSPECIFIED', 'COMPLETE', 'PARTIAL', 'FAILED'),
    model: text.filter((model) => model !== ''),
    inputTokens: count,
    outputTokens: count,
    totalTokens: count,
    cachedTokens: count,
    cacheCreationTokens: count,
    reasoningTokens: count,
  },
  { requiredKeys: ['status'] },
);

const BODY_MODES = ['NONE', 'STREAMED', 'BUFFERED', 'BUFFERED_PARTIAL', 'FULL_DUPLEX_STREAMED', 'GRPC'] as const;
const bodyMode = fc.constantFrom<BodySendMode[]>(...BODY_MODES);

const context = fc.record(
  {
    attributes,
    metadata: fc.record(
      { untyped: fc.dictionary(fc.constantFrom('headgate.a', 'headgate.b'), struct), tokenUsage },
      { requiredKeys: ['untyped'] },
    ),
    protocolConfig: fc.record({
      requestBodyMode: bodyMode,
      responseBodyMode: bodyMode,
      sendBodyWithoutWaitingForHeaderResponse: fc.boolean(),
    }),
  },
  { requiredKeys: ['attributes', 'metadata'] },
);

const payload = fc.oneof(
  fc.record({ kind: fc.constantFrom('request-headers', 'response-headers'), headers, endOfStream: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('request-body', 'response-body'),
    body: fc.uint8Array({ maxLength: 5000 }),
    endOfStream: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('request-trailers', 'response-trailers'), trailers: headers }),
);

type Described = typeof payload extends fc.Arbitrary<infer P> ? P : never;
type DescribedContext = typeof context extends fc.Arbitrary<infer C> ? C : never;

function asEnvoy(described: Described, beside: DescribedContext): EnvoyRequest {
  const { protocolConfig, metadata } = beside;
  return create(ProcessingRequestSchema, {
    request: payloadOf(described),
    attributes: {
      'envoy.filters.http.ext_proc': { ...beside.attributes, 'request.unknown': 7, 'response.flags': 'x' },
    },
    metadataContext: {
      filterMetadata: metadata.untyped as never,
      typedFilterMetadata:
        metadata.tokenUsage === undefined
          ? {}
          : { 'envoy.ai.token_usage': anyPack(TokenUsageSchema, usageOf(metadata.tokenUsage)) },
    },
    ...(protocolConfig === undefined
      ? {}
      : {
          protocolConfig: {
            ...protocolConfig,
            requestBodyMode: ProcessingMode_BodySendMode[protocolConfig.requestBodyMode],
            responseBodyMode: ProcessingMode_BodySendMode[protocolConfig.responseBodyMode],
          },
        }),
    observabilityMode: false,
  });
}

/** Field 13 is a window update, which our subset of the descriptors leaves out. */
const UNKNOWN_FIELD = [0x6a, 2, 8, 5];

function bytesOf(described: Described, beside: DescribedContext): Uint8Array {
  return Uint8Array.from([...toBinary(ProcessingRequestSchema, asEnvoy(described, beside)), ...UNKNOWN_FIELD]);
}

function payloadOf(described: Described) {
  const raw = (pairs: [string, string][]) => ({
    headers: pairs.map((pair) => ({ key: pair[0], rawValue: utf8.encode(pair[1]) })),
  });
  if ('headers' in described) {
    const value = { headers: raw(described.headers), endOfStream: described.endOfStream };
    return { case: described.kind === 'request-headers' ? 'requestHeaders' : 'responseHeaders', value } as const;
  }
  if ('trailers' in described) {
    const value = { trailers: raw(described.trailers) };
    return { case: described.kind === 'request-trailers' ? 'requestTrailers' : 'responseTrailers', value } as const;
  }
  const value = { body: described.body, endOfStream: described.endOfStream };
  return { case: described.kind === 'request-body' ? 'requestBody' : 'responseBody', value } as const;
}

function usageOf(usage: TokenUsage) {
  const wrapped = (value: number | undefined) => (value === undefined ? undefined : BigInt(value));
  const key = usage.status === 'UNSPECIFIED' ? 'EXTRACTION_STATUS_UNSPECIFIED' : usage.status;
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
    extractionStatus: TokenUsage_ExtractionStatus[key as keyof typeof TokenUsage_ExtractionStatus],
  });
}

describe('decodeProcessingRequest', () => {
  test('reads what protobuf-es writes', () => {
    fc.assert(
      fc.property(payload, context, (described, beside) => {
        const decoded = decodeProcessingRequest(bytesOf(described, beside));
        const expected = 'body' in described ? { ...described, body: [...described.body] } : described;
        expect(decoded.ok && readable(decoded.value)).toEqual({ ...expected, ...beside });
      }),
    );
  });

  test('gives the body as a view of the message', () => {
    const bytes = bytesOf(
      { kind: 'request-body', body: utf8.encode('hello'), endOfStream: true },
      { attributes: {}, metadata: { untyped: {} } },
    );
    const decoded = decodeProcessingRequest(bytes);
    expect(decoded.ok && decoded.value.kind === 'request-body' && decoded.value.body.buffer === bytes.buffer).toBe(
      true,
    );
  });

  test('random bytes give a result, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof decodeProcessingRequest(bytes).ok).toBe('boolean');
      }),
      { numRuns: 5000 },
    );
  });

  test('a damaged message gives a result, never an exception, and readable headers', () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), cut: fc.nat() });
    fc.assert(
      fc.property(payload, context, damage, (described, beside, { at, byte, cut }) => {
        const whole = bytesOf(described, beside);
        whole[at % whole.length] = byte;
        const decoded = decodeProcessingRequest(whole.subarray(0, whole.length - (cut % whole.length)));
        expect(decoded.ok ? typeof readable(decoded.value) : decoded.error.code).toMatch(
          /^(object|ext-proc-malformed)$/,
        );
      }),
      { numRuns: 1000 },
    );
  });

  const refused: [string, number[], { reason: string; offset: number }][] = [
    ['no payload', [], { reason: 'no-payload', offset: 0 }],
    ['only fields that we do not know', [0x50, 1], { reason: 'no-payload', offset: 2 }],
    ['a length behind the end', [0x12, 5, 0], { reason: 'truncated', offset: 2 }],
    ['an endless varint', [0x12, ...new Array(11).fill(0xff)], { reason: 'varint', offset: 1 }],
    ['field number 0', [0x02, 0], { reason: 'tag', offset: 1 }],
    ['a group', [0x0b, 0x0c], { reason: 'tag', offset: 1 }],
    ['a header that ends behind its list', [0x12, 4, 0x0a, 2, 0x0a, 9], { reason: 'truncated', offset: 6 }],
    ['a body mode of the future', [0x22, 0, 0x5a, 2, 8, 9], { reason: 'body-mode', offset: 6 }],
  ];
  test.each(refused)('refuses %s', (_name, bytes, { reason, offset }) => {
    expect(decodeProcessingRequest(Uint8Array.from(bytes))).toEqual({
      ok: false,
      error: { code: 'ext-proc-malformed', reason, offset },
    });
  });

  function refusal(headersOf: [string, string][], untyped: { [namespace: string]: Struct }): string {
    const described: Described = { kind: 'request-headers', headers: headersOf, endOfStream: true };
    const decoded = decodeProcessingRequest(bytesOf(described, { attributes: {}, metadata: { untyped } }));
    return decoded.ok ? 'none' : decoded.error.reason;
  }

  test('refuses metadata deeper than 32 levels, and more headers than Envoy can send', () => {
    const deep = (levels: number): Struct => (levels === 0 ? {} : { deeper: deep(levels - 1) });
    const many = (pairs: number) => new Array<[string, string]>(pairs).fill(['a', 'b']);
    expect([refusal([], { n: deep(32) }), refusal([], { n: deep(33) })]).toEqual(['none', 'depth']);
    expect([refusal(many(1024), {}), refusal(many(1025), {})]).toEqual(['none', 'too-many-headers']);
  });
});
