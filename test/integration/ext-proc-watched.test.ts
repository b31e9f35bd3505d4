import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDecider } from '../../src/app/decider/decider.ts';
import { type ExtProcServer, startExtProcServer } from '../../src/io/http/ext-proc-server.ts';
import { connectExtProc, type ExtProcClient } from '../support/ext-proc-client.ts';
import type { AnswerPlan } from '../support/ext-proc-client-plan.ts';
import { fixtureRevision, KEYS, policyResult } from '../support/revision-fixture.ts';

const WORDS = 'words of an upstream';
const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ response ], stream: hold }';
const GZIP = ['content-encoding', 'gzip'] as const;
const EVENTS = `data: {"choices":[{"index":0,"delta":{"content":"${WORDS}"}}]}\n\ndata: [DONE]\n\n`;
const ERROR = `{"error":{"message":"${WORDS}"}}`;

/** Envoy's side is the client, which refuses what Envoy would refuse. */
describe('what an upstream sends on a watched route', () => {
  const loaded = fixtureRevision({ documents: [GUARDRAIL], evaluate: policyResult({ g: {} }) });
  let server: ExtProcServer;
  let client: ExtProcClient;

  beforeAll(async () => {
    const decider = createDecider({
      onRecord: () => undefined,
      onUnknown: () => undefined,
      standing: () => ({ live: undefined, candidate: undefined }),
    });
    decider.hold(loaded);
    server = await startExtProcServer({
      listen: { host: '127.0.0.1', port: 0 },
      onExchange: decider.open,
      onFailure: () => undefined,
      isReady: () => true,
    });
    client = await connectExtProc(server.address);
  });
  afterAll(async () => {
    await client.close();
    await server.drain(0);
  });

  function answerOf(
    status: number,
    contentType: string,
    chunk: Uint8Array | string,
    ...more: (typeof GZIP)[]
  ): AnswerPlan {
    const attributes = {
      'upstream.request_attempt_count': 1,
      'upstream.address': '10.0.0.3:8000',
      'response.code_details': 'via_upstream',
    };
    return { status, headers: [['content-type', contentType], ...more], chunks: [chunk], attributes };
  }

  const blocked = 'headgate_answer_blocked';
  const replaced = 'headgate_error_replaced';
  test.each<[string, AnswerPlan, [number, string | undefined, boolean]]>([
    ['a stream passes', answerOf(200, 'text/event-stream', EVENTS), [200, undefined, true]],
    ['a compressed stream does not', answerOf(200, 'text/event-stream', gzipSync(EVENTS), GZIP), [403, blocked, false]],
    ['an error in JSON passes', answerOf(400, 'application/json', ERROR), [400, undefined, true]],
    ['a compressed one does not', answerOf(400, 'application/json', gzipSync(ERROR), GZIP), [400, replaced, false]],
    ['nor does a page', answerOf(404, 'text/html', `<p>${WORDS}</p>`), [404, replaced, false]],
  ])('%s', async (_what, answer, expected) => {
    const result = await client.exchange({
      initialMetadata: { 'x-headgate-revision': loaded.revision.digest },
      request: {
        headers: [
          [':method', 'POST'],
          [':path', '/v1/chat/completions'],
          ['authorization', `Bearer ${KEYS.red}`],
        ],
        body: JSON.stringify({ model: 'small', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
      },
      upstream: () => answer,
    });
    const { status, body = '' } = result.response ?? {};
    expect([status, result.details, body.includes(WORDS)]).toEqual(expected);
  });
});
