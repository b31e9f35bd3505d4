import { create, fromBinary, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeaderValueOption_HeaderAppendAction } from '../../../gen/envoy/config/core/v3/base_pb.js';
import {
  ProcessingMode_BodySendMode,
  ProcessingMode_HeaderSendMode,
} from '../../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import { ProcessingResponseSchema } from '../../../gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import {
  type BodySendMode,
  type HeaderEdits,
  type HeaderSendMode,
  type ModeOverride,
  type ProcessingReply,
  STREAMED_BODY_BYTES_MAX,
  type Struct,
} from '../messages.ts';
import { encodeProcessingReply } from './encode-reply.ts';

const utf8 = new TextEncoder();
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 150 }));
const pairs = fc.array(fc.tuple(text, text), { maxLength: 6 });
const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 });
const metadata = fc.dictionary(
  fc.constantFrom('headgate.groups', 'headgate.lb', 'headgate.hop'),
  json as fc.Arbitrary<Struct>,
);
const edits = { setHeaders: pairs, removeHeaders: fc.array(text, { maxLength: 3 }) };
const headerMode = fc.constantFrom<HeaderSendMode[]>('DEFAULT', 'SEND', 'SKIP');
const bodyMode = fc.constantFrom<BodySendMode[]>(
  'NONE',
  'STREAMED',
  'BUFFERED',
  'BUFFERED_PARTIAL',
  'FULL_DUPLEX_STREAMED',
  'GRPC',
);
const modeOverride: fc.Arbitrary<ModeOverride> = fc.record({
  requestHeaderMode: headerMode,
  requestBodyMode: bodyMode,
  requestTrailerMode: headerMode,
  responseHeaderMode: headerMode,
  responseBodyMode: bodyMode,
  responseTrailerMode: headerMode,
});
const bytes = fc.uint8Array({ maxLength: 3000 });
const body = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), bytes }),
  fc.record({ kind: fc.constant('clear' as const) }),
  fc.record({ kind: fc.constant('streamed' as const), bytes, endOfStream: fc.boolean() }),
);
const kindOnly = { requiredKeys: ['kind'] as ['kind'] };
const reply: fc.Arbitrary<ProcessingReply> = fc.oneof(
  fc.record(
    {
      kind: fc.constantFrom('request-headers' as const, 'response-headers' as const),
      ...edits,
      clearRouteCache: fc.boolean(),
      modeOverride,
      dynamicMetadata: metadata,
    },
    kindOnly,
  ),
  fc.record(
    {
      kind: fc.constantFrom('request-body' as const, 'response-body' as const),
      ...edits,
      clearRouteCache: fc.boolean(),
      body,
      dynamicMetadata: metadata,
    },
    kindOnly,
  ),
  fc.record({ kind: fc.constantFrom('request-trailers' as const, 'response-trailers' as const), ...edits }, kindOnly),
  fc.record({
    kind: fc.constant('immediate' as const),
    status: fc.integer({ min: 200, max: 599 }),
    headers: pairs,
    body: text,
    details: text,
    dynamicMetadata: metadata,
  }),
);

type EnvoyReply = MessageInitShape<typeof ProcessingResponseSchema>;

function mutationOf({ setHeaders = [], removeHeaders = [] }: HeaderEdits) {
  if (setHeaders.length + removeHeaders.length === 0) return {};
  const overwrite = HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
  return {
    headerMutation: {
      setHeaders: setHeaders.map(([key, value]) => ({
        header: { key, rawValue: utf8.encode(value) },
        appendAction: overwrite,
      })),
      removeHeaders: [...removeHeaders],
    },
  };
}

function responseOf(described: ProcessingReply): EnvoyReply['response'] {
  switch (described.kind) {
    case 'immediate': {
      const headers = mutationOf({ setHeaders: described.headers }).headerMutation;
      const value = {
        status: { code: described.status },
        body: utf8.encode(described.body),
        details: described.details,
      };
      return { case: 'immediateResponse', value: headers ? { ...value, headers } : value };
    }
    case 'request-trailers':
    case 'response-trailers':
      return { case: CASES[described.kind], value: mutationOf(described) };
    case 'request-headers':
    case 'response-headers': {
      const value = { response: { ...mutationOf(described), clearRouteCache: described.clearRouteCache ?? false } };
      return { case: CASES[described.kind], value };
    }
    case 'request-body':
    case 'response-body': {
      const common = { ...mutationOf(described), clearRouteCache: described.clearRouteCache ?? false };
      const bodyMutation = described.body && { bodyMutation: { mutation: bodyMutationOf(described.body) } };
      return { case: CASES[described.kind], value: { response: { ...common, ...bodyMutation } } };
    }
  }
}

const CASES = {
  'request-headers': 'requestHeaders',
  'response-headers': 'responseHeaders',
  'request-body': 'requestBody',
  'response-body': 'responseBody',
  'request-trailers': 'requestTrailers',
  'response-trailers': 'responseTrailers',
} as const;

function bodyMutationOf(edit: NonNullable<Extract<ProcessingReply, { body?: object }>['body']>) {
  switch (edit.kind) {
    case 'replace':
      return { case: 'body', value: edit.bytes } as const;
    case 'clear':
      return { case: 'clearBody', value: true } as const;
    case 'streamed':
      return { case: 'streamedResponse', value: { body: edit.bytes, endOfStream: edit.endOfStream } } as const;
  }
}

function asEnvoy(described: ProcessingReply): EnvoyReply {
  const modes = 'modeOverride' in described ? described.modeOverride : undefined;
  return {
    response: responseOf(described) as NonNullable<EnvoyReply['response']>,
    ...(described.dynamicMetadata === undefined ? {} : { dynamicMetadata: described.dynamicMetadata as never }),
    ...(modes === undefined
      ? {}
      : {
          modeOverride: {
            requestHeaderMode: ProcessingMode_HeaderSendMode[modes.requestHeaderMode],
            requestBodyMode: ProcessingMode_BodySendMode[modes.requestBodyMode],
            requestTrailerMode: ProcessingMode_HeaderSendMode[modes.requestTrailerMode],
            responseHeaderMode: ProcessingMode_HeaderSendMode[modes.responseHeaderMode],
            responseBodyMode: ProcessingMode_BodySendMode[modes.responseBodyMode],
            responseTrailerMode: ProcessingMode_HeaderSendMode[modes.responseTrailerMode],
          },
        }),
  };
}

describe('encodeProcessingReply', () => {
  test('writes what protobuf-es reads', () => {
    fc.assert(
      fc.property(reply, (described) => {
        const read = fromBinary(ProcessingResponseSchema, encodeProcessingReply(described));
        expect(read).toEqual(create(ProcessingResponseSchema, asEnvoy(described)));
      }),
      { numRuns: 500 },
    );
  });

  const plain: [string, ProcessingReply, unknown][] = [
    ['a pass', { kind: 'request-headers' }, { requestHeaders: { response: {} } }],
    ['a pass of trailers', { kind: 'response-trailers' }, { responseTrailers: {} }],
    [
      'an emptied body',
      { kind: 'request-body', body: { kind: 'replace', bytes: new Uint8Array() } },
      { requestBody: { response: { bodyMutation: { body: '' } } } },
    ],
    [
      'a denial',
      {
        kind: 'immediate',
        status: 403,
        headers: [['content-type', 'application/json']],
        body: '{}',
        details: 'headgate_policy',
        dynamicMetadata: { 'headgate.reply': { ready: true } },
      },
      {
        immediateResponse: {
          status: { code: 'Forbidden' },
          headers: {
            setHeaders: [
              {
                header: { key: 'content-type', rawValue: 'YXBwbGljYXRpb24vanNvbg==' },
                appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
              },
            ],
          },
          body: 'e30=',
          details: 'headgate_policy',
        },
        dynamicMetadata: { 'headgate.reply': { ready: true } },
      },
    ],
  ];
  test.each(plain)('writes %s', (_name, described, expected) => {
    expect(
      toJson(ProcessingResponseSchema, fromBinary(ProcessingResponseSchema, encodeProcessingReply(described))),
    ).toEqual(expected);
  });

  test('a chunk larger than Envoy takes is a bug', () => {
    const chunk = new Uint8Array(STREAMED_BODY_BYTES_MAX + 1);
    const described: ProcessingReply = {
      kind: 'response-body',
      body: { kind: 'streamed', bytes: chunk, endOfStream: false },
    };
    expect(() => encodeProcessingReply(described)).toThrow('a streamed chunk is larger');
  });
});
