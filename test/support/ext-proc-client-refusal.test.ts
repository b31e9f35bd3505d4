import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, describe, expect, test } from 'vitest';
import type { BodyEdit, ProcessingReply } from '../../src/core/exchange/messages.ts';
import { HeaderValueOption_HeaderAppendAction } from '../../src/gen/envoy/config/core/v3/base_pb.js';
import { ProcessingMode_HeaderSendMode } from '../../src/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import {
  CommonResponse_ResponseStatus,
  CommonResponseSchema,
  HeaderMutationSchema,
  ProcessingResponseSchema,
} from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { ADAPT_FILTER, OUTER_FILTER, overriddenModes } from './ext-proc-client-filter.ts';
import { mutatedHeaders } from './ext-proc-client-headers.ts';
import type { ExchangePlan } from './ext-proc-client-plan.ts';
import type { RefusedRule } from './ext-proc-client-refusal.ts';
import { commonOf, streamedChunk } from './ext-proc-client-reply.ts';
import { DENY, FULL_DUPLEX, runScript, type Script, says, stopScripts } from './ext-proc-scripted-server.ts';

afterEach(stopScripts);

describe('what Envoy refuses', () => {
  const body = (edit: BodyEdit): ProcessingReply => ({ kind: 'request-body', body: edit });
  const chunk = (length: number): ProcessingReply => ({
    kind: 'response-body',
    body: { kind: 'streamed', bytes: Buffer.alloc(length), endOfStream: false },
  });
  const setsHeader = (name: string, value = 'x'): Script => ({
    'request-headers': says({ kind: 'request-headers', setHeaders: [[name, value]] }),
  });
  const inFullDuplex = (...replies: ProcessingReply[]): Script => ({
    'response-headers': says({ kind: 'response-headers', modeOverride: FULL_DUPLEX }),
    'response-body': says(...replies),
  });
  const cases: [string, RefusedRule, Script, Partial<ExchangePlan>?][] = [
    ['silence', 'no-reply-in-time', { 'request-headers': says() }, { replyMs: 50 }],
    ['another kind', 'wrong-kind', { 'request-headers': says({ kind: 'request-body' }) }],
    ['two replies', 'reply-without-message', { 'request-headers': says({ kind: 'request-headers' }, DENY) }],
    ['a reply at the end', 'reply-without-message', { 'response-headers': says({ kind: 'response-headers' }, DENY) }],
    ['a set :authority', 'forbidden-header', setsHeader(':authority')],
    ['a set :method', 'forbidden-header', setsHeader(':method')],
    ['a set host', 'forbidden-header', setsHeader('host')],
    ['an echoed transfer-encoding', 'forbidden-header', setsHeader('transfer-encoding', 'chunked')],
    ['x-envoy-* of the inner filter', 'forbidden-header', setsHeader('x-envoy-max-retries'), { filter: ADAPT_FILTER }],
    [
      'a removed :path',
      'forbidden-header',
      { 'request-headers': says({ kind: 'request-headers', removeHeaders: [':path'] }) },
    ],
    ['an upper-case name', 'malformed-header', setsHeader('X-Headgate')],
    ['a line break in a value', 'malformed-header', setsHeader('x-headgate', 'a\r\nb')],
    ['70 KB of headers', 'headers-too-large', setsHeader('x-headgate', 'a'.repeat(70_000))],
    [
      'a new body with the old length',
      'content-length-mismatch',
      { 'request-body': says(body({ kind: 'replace', bytes: Buffer.of(1) })) },
    ],
    [
      'a cleared body with the old length',
      'content-length-mismatch',
      { 'request-body': says(body({ kind: 'clear' })) },
    ],
    [
      'a wrong new length',
      'content-length-mismatch',
      { 'request-body': says({ kind: 'request-body', setHeaders: [['content-length', '5']] }) },
    ],
    [
      'a streamed chunk for a whole body',
      'streamed-outside-full-duplex',
      { 'request-body': says(body({ kind: 'streamed', bytes: Buffer.of(1), endOfStream: true })) },
    ],
    [
      'a cleared route cache in an answer',
      'clear-route-cache-on-response',
      { 'response-headers': says({ kind: 'response-headers', clearRouteCache: true }) },
    ],
    [
      'an override without all modes',
      'mode-override-incomplete',
      {
        'request-headers': says({
          kind: 'request-headers',
          modeOverride: { ...FULL_DUPLEX, requestTrailerMode: 'DEFAULT' },
        }),
      },
    ],
    [
      'FULL_DUPLEX without trailers',
      'mode-override-incomplete',
      {
        'request-headers': says({
          kind: 'request-headers',
          modeOverride: { ...FULL_DUPLEX, responseTrailerMode: 'SKIP' },
        }),
      },
    ],
    [
      'an override of the inner filter',
      'mode-override-not-allowed',
      { 'request-headers': says({ kind: 'request-headers', modeOverride: FULL_DUPLEX }) },
      { filter: ADAPT_FILTER },
    ],
    [
      'metadata that no filter receives',
      'unknown-metadata-namespace',
      { 'request-headers': says({ kind: 'request-headers', dynamicMetadata: { 'envoy.lb': { a: 'b' } } }) },
    ],
    ['a whole body in FULL_DUPLEX', 'whole-body-in-full-duplex', inFullDuplex({ kind: 'response-body' })],
    [
      'a reply after the end in FULL_DUPLEX',
      'reply-without-message',
      inFullDuplex(
        { kind: 'response-body', body: { kind: 'streamed', bytes: Buffer.of(1), endOfStream: true } },
        chunk(1),
      ),
    ],
    [
      'a body before the held headers',
      'body-before-headers-reply',
      {
        'request-headers': says({ kind: 'request-headers', modeOverride: FULL_DUPLEX }),
        'response-headers': says(),
        'response-body': says(chunk(1)),
      },
    ],
    [
      'an end that loses bytes',
      'bytes-lost',
      {
        'response-headers': says({ kind: 'response-headers', modeOverride: FULL_DUPLEX }),
        'response-body': () => ({ replies: [], finished: true }),
      },
    ],
  ];
  test.each(cases)('%s', async (_name, rule, script, plan) => {
    await expect(runScript(script, plan)).rejects.toMatchObject({ name: 'EnvoyRefusal', rule });
  });
});

describe('what our codec cannot even write is refused too', () => {
  const overwrite = HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
  const reply = (init: MessageInitShape<typeof ProcessingResponseSchema>) => create(ProcessingResponseSchema, init);
  const set = (option: object) => () =>
    mutatedHeaders([], create(HeaderMutationSchema, { setHeaders: [option] }), true);
  const streamed = (value: object) => () =>
    streamedChunk(create(CommonResponseSchema, { bodyMutation: { mutation: { case: 'streamedResponse', value } } }));
  const modeOverride = {
    requestHeaderMode: ProcessingMode_HeaderSendMode.SEND,
    requestTrailerMode: ProcessingMode_HeaderSendMode.SKIP,
    responseHeaderMode: ProcessingMode_HeaderSendMode.SEND,
    responseTrailerMode: ProcessingMode_HeaderSendMode.SEND,
  };
  const cases: [string, RefusedRule, () => unknown][] = [
    [
      'value for raw_value',
      'value-instead-of-raw-value',
      set({ header: { key: 'a', value: 'b' }, appendAction: overwrite }),
    ],
    ['an appended value', 'append-action', set({ header: { key: 'a', rawValue: Buffer.from('b') } })],
    ['a chunk of 64 KB', 'chunk-too-large', streamed({ body: Buffer.alloc(65_536) })],
    [
      'headers with a chunk',
      'unsupported-field',
      () =>
        streamedChunk(
          create(CommonResponseSchema, {
            headerMutation: { removeHeaders: ['a'] },
            bodyMutation: { mutation: { case: 'streamedResponse', value: {} } },
          }),
        ),
    ],
    [
      'CONTINUE_AND_REPLACE',
      'unsupported-field',
      () =>
        commonOf(
          reply({
            response: {
              case: 'requestHeaders',
              value: { response: { status: CommonResponse_ResponseStatus.CONTINUE_AND_REPLACE } },
            },
          }),
          'request-headers',
        ),
    ],
    [
      'trailers in a reply',
      'unsupported-field',
      () =>
        commonOf(reply({ response: { case: 'requestBody', value: { response: { trailers: {} } } } }), 'request-body'),
    ],
    [
      'an immediate reply without a status',
      'status',
      () => commonOf(reply({ response: { case: 'immediateResponse', value: {} } }), 'request-body'),
    ],
    [
      'an override in the reply to a body',
      'mode-override-not-here',
      () => overriddenModes(OUTER_FILTER.modes, OUTER_FILTER, 'request-body', reply({ modeOverride })),
    ],
  ];
  test.each(cases)('%s', (_name, rule, refused) => {
    expect(refused).toThrow(expect.objectContaining({ name: 'EnvoyRefusal', rule }));
  });
});
