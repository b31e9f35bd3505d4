import { afterEach, describe, expect, test } from 'vitest';
import type { ProcessingReply, ProcessingRequest } from '../../src/core/exchange/messages.ts';
import type { ExchangeOutput } from '../../src/io/http/ext-proc-stream.ts';
import { ADAPT_FILTER } from './ext-proc-client-filter.ts';
import type { ExchangeResult } from './ext-proc-client-plan.ts';
import {
  CHAT,
  DENY,
  FULL_DUPLEX,
  runScript,
  type Script,
  says,
  sse,
  startScript,
  stopScripts,
  USAGE,
} from './ext-proc-scripted-server.ts';

afterEach(stopScripts);

function seen({ decision, upstream, response }: ExchangeResult) {
  return { decision, upstream: upstream && Buffer.from(upstream.body).toString(), response: response?.body };
}

describe('a request', () => {
  test('passes as it is', async () => {
    const { client, exchanges } = await startScript({});
    const result = await client.exchange({ request: CHAT, upstream: sse(['data: 1\n\n', 'data: [DONE]\n\n']) });
    expect({ ...seen(result), end: result.end }).toEqual({
      decision: 'continue',
      upstream: '{"model":"m"}',
      response: 'data: 1\n\ndata: [DONE]\n\n',
      end: { status: 0, rstCode: 0 },
    });
    expect(exchanges[0]?.messages.map(({ kind, metadata }) => [kind, metadata.tokenUsage])).toEqual([
      ['request-headers', undefined],
      ['request-body', undefined],
      ['response-headers', undefined],
      ['response-trailers', USAGE],
    ]);
  });

  test('is sent on as the reply to its body says', async () => {
    const result = await runScript({
      'request-body': says({
        kind: 'request-body',
        clearRouteCache: true,
        setHeaders: [
          ['x-headgate-decision', 'd1'],
          ['x-envoy-max-retries', '3'],
          ['content-length', '2'],
        ],
        removeHeaders: ['authorization'],
        body: { kind: 'replace', bytes: Buffer.from('{}') },
        dynamicMetadata: { 'headgate.lb': { hosts: '10.0.0.1:80' } },
      }),
    });
    expect({ ...result.upstream, body: String(result.upstream?.body), metadata: result.metadata }).toEqual({
      headers: [
        [':path', '/v1/chat/completions'],
        ['x-headgate-decision', 'd1'],
        ['x-envoy-max-retries', '3'],
        ['content-length', '2'],
      ],
      body: '123,125',
      isRouteCacheCleared: true,
      metadata: { 'headgate.lb': { hosts: '10.0.0.1:80' } },
    });
  });

  test.each([
    ['its headers', { 'request-headers': says(DENY) }],
    ['its body', { 'request-body': says(DENY) }],
  ])('is denied at %s', async (_name, script: Script) => {
    const result = await runScript(script);
    expect([seen(result), result.response?.status, result.details]).toEqual([
      { decision: 'immediate', upstream: undefined, response: '{"error":{}}' },
      403,
      'headgate_policy',
    ]);
  });

  test('of the inner filter may end at the reply to its body', async () => {
    const script: Script = {
      'request-body': () => ({ replies: [{ kind: 'request-body' }], finished: true }),
    };
    const result = await runScript(script, { filter: ADAPT_FILTER });
    expect([seen(result).decision, result.replies.length, result.end.status]).toEqual(['continue', 2, 0]);
  });

  test('fails when the stream does', async () => {
    const result = await runScript({
      'request-body': () => {
        throw new Error('broken');
      },
    });
    expect([seen(result).decision, result.end.status]).toEqual(['failed', 13]);
  });

  test('that Envoy answers itself comes as an answer only', async () => {
    const { client, exchanges } = await startScript({});
    const localReply = { status: 413, headers: [], chunks: ['too large'] };
    const result = await client.exchange({ request: CHAT, localReply });
    expect([seen(result).response, exchanges[0]?.messages.map(({ kind }) => kind)]).toEqual([
      'too large',
      ['response-headers'],
    ]);
  });
});

describe('an answer in our hands', () => {
  const echo = (message: ProcessingRequest): ExchangeOutput => ({
    replies: [
      {
        kind: 'response-body',
        body: {
          kind: 'streamed',
          bytes: 'body' in message ? message.body : Buffer.of(),
          endOfStream: 'endOfStream' in message && message.endOfStream,
        },
      },
    ],
  });
  const overrideAt = (kind: 'request-headers' | 'response-headers'): Script => ({
    [kind]: says({ kind, modeOverride: FULL_DUPLEX }),
    'response-body': echo,
  });

  test.each([
    ['request-headers', true],
    ['request-headers', false],
    ['response-headers', true],
    ['response-headers', false],
  ] as const)('passes, switched at %s, with usage: %s', async (at, usage) => {
    const result = await runScript(overrideAt(at), { upstream: sse(['data: 1\n\n', 'data: 2\n\n'], usage) });
    expect([seen(result).response, result.response?.isComplete, result.responseBodyMode]).toEqual([
      'data: 1\n\ndata: 2\n\n',
      true,
      'FULL_DUPLEX_STREAMED',
    ]);
  });

  test('is cut with a whole body', async () => {
    const cut: ProcessingReply = {
      kind: 'response-body',
      body: { kind: 'streamed', bytes: Buffer.from('data: [DONE]\n\n'), endOfStream: true },
    };
    let isCut = false;
    const script: Script = {
      'response-headers': says({ kind: 'response-headers', modeOverride: FULL_DUPLEX }),
      'response-body': () => {
        const replies = isCut ? [] : [cut];
        isCut = true;
        return { replies };
      },
      'response-trailers': says(),
    };
    const result = await runScript(script, { upstream: sse(['data: 1\n\n', 'data: 2\n\n']) });
    expect([seen(result).response, result.response?.isComplete]).toEqual(['data: [DONE]\n\n', true]);
  });

  test('held at its headers, is denied with a status', async () => {
    const script: Script = {
      'request-headers': says({ kind: 'request-headers', modeOverride: FULL_DUPLEX }),
      'response-headers': says(),
      'response-body': (message) => ({ replies: 'endOfStream' in message && message.endOfStream ? [DENY] : [] }),
    };
    const result = await runScript(script, { upstream: sse(['secret'], false) });
    expect([seen(result).decision, result.response?.status, seen(result).response]).toEqual([
      'immediate',
      403,
      '{"error":{}}',
    ]);
  });

  test('in BUFFERED mode is replaced with its length', async () => {
    const script: Script = {
      'response-headers': says({
        kind: 'response-headers',
        modeOverride: { ...FULL_DUPLEX, responseBodyMode: 'BUFFERED' },
      }),
      'response-body': says({
        kind: 'response-body',
        setHeaders: [['content-length', '2']],
        body: { kind: 'replace', bytes: Buffer.from('{}') },
      }),
    };
    const upstream = () => ({ status: 200, headers: [['content-length', '6']] as const, chunks: ['secret'] });
    expect(seen(await runScript(script, { upstream })).response).toBe('{}');
  });
});

describe('a client that goes away', () => {
  const points = [
    'deciding-request-headers',
    'deciding-request-body',
    'waiting-for-answer',
    'deciding-response-headers',
    'in-answer',
  ] as const;
  const cases = points.flatMap((at) => (['reset', 'half-close', 'disconnect'] as const).map((how) => ({ at, how })));
  test.each(cases)('$at by $how ends the exchange once', async (abort) => {
    const { client, nextExchange } = await startScript({});
    const opened = nextExchange();
    const result = await client.exchange({ request: CHAT, abort });
    const { ended, ends } = await opened;
    await ended;
    expect([result.decision, ends.length]).toEqual(['aborted', 1]);
  });
});
