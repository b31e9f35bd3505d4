import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKey } from '../../src/app/commands/key.ts';
import type { DemoStack } from '../../src/app/demo/stack/demo-stack.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { present } from '../../src/core/base/assert.ts';
import { type FixedUpstream, startFixedUpstream } from '../support/fixed-upstream.ts';
import { useGateway } from '../support/gateway.ts';
import { modelOfProvider, ownModel } from '../support/own-model.ts';
import { decisionIn, postChat, userSays } from '../support/post-chat.ts';
import { describeWithTool } from '../support/require-tool.ts';

/** A stream as no simulator of ours writes it: comments, CRLF, unknown fields, odd JSON, pieces cut inside a character. */
const ODD_STREAM = Buffer.from(
  [
    ': a comment\r\n\r\n',
    'event: message\ndata: {"id":"x",  "choices":[{"index":0,"delta":{"content":"Grüße 🙂"}}],"z":1e2,"a":null}\n\n',
    'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
);
const ODD_CUTS = [0, 5, 92, 95, 140, ODD_STREAM.length];

/** Credentials, accounts, addresses and orders that are for nobody behind the gateway. */
const OF_THE_CLIENT = {
  'user-agent': 'client-view',
  cookie: 'a=b',
  forwarded: 'for=192.0.2.1',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-host': 'intern.example',
  'headgate-session': 'mine',
  'openai-organization': 'org-mine',
  'openai-project': 'proj-mine',
  'proxy-authorization': 'Basic bWluZTptaW5l',
  'ocp-apim-subscription-key': 'mine',
  'anthropic-api-key': 'mine',
  'x-amz-security-token': 'mine',
  'x-data-parallel-rank': '3',
  'x-envoy-max-retries': '9',
  'x-headgate-decision': 'mine',
};

/** Cookies, accounts, orders and names that are for no client, and one header that is. */
const OF_THE_UPSTREAM = {
  location: 'https://elsewhere.example/v1/chat/completions',
  server: 'uvicorn',
  'retry-after': '7',
  'set-cookie': 'a=b',
  'openai-organization': 'org-ours',
  'x-ratelimit-remaining-tokens': '7',
  'x-envoy-overloaded': 'true',
  'x-headgate-decision': 'theirs',
  'headgate-model': 'theirs',
};

describeWithTool('envoy', 'what a client sees', () => {
  const oddKey = newKey();
  const awayKey = newKey();
  const talkativeKey = newKey();
  let odd: FixedUpstream;
  let talkative: FixedUpstream;
  beforeAll(async () => {
    const pieces = ODD_CUTS.slice(1).map((end, index) => ODD_STREAM.subarray(ODD_CUTS[index], end));
    odd = await startFixedUpstream(() => ({ contentType: 'text/event-stream', pieces }));
    talkative = await startFixedUpstream((body) => ({
      status: body.includes('elsewhere') ? 307 : 200,
      contentType: 'application/json',
      headers: OF_THE_UPSTREAM,
      pieces: [Buffer.from('{"choices":[]}')],
    }));
  });
  afterAll(() => Promise.all([odd.close(), talkative.close()]));
  const gateway = useGateway(() => ({
    engineScales: [1, 1],
    proxies: 1,
    files: {
      'odd.yaml': ownModel('odd', odd.address, oddKey),
      'talkative.yaml': ownModel('talkative', talkative.address, talkativeKey),
      'away.yaml': modelOfProvider('away', awayKey),
    },
  }));

  test('the OpenAI client: a plain answer', async () => {
    const { data, response } = await client(gateway())
      .chat.completions.create({ model: 'gpt-4o-mini', messages: userSays('reply: Hello there.') })
      .withResponse();
    expect({
      text: data.choices[0]?.message.content,
      tokens: data.usage?.completion_tokens,
      model: response.headers.get('headgate-model'),
      decision: response.headers.get('headgate-decision'),
    }).toEqual({
      text: 'Hello there.',
      tokens: 3,
      model: 'chat-small',
      decision: expect.stringMatching(/^[\w-]{16}$/),
    });
  });

  test('the OpenAI client: a streamed answer', async () => {
    const stream = await client(gateway()).chat.completions.create({
      model: 'chat-small',
      messages: userSays('reply: Hello there.'),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect({ text, tokens }).toEqual({ text: 'Hello there.', tokens: 3 });
  });

  test('the OpenAI client: the models of the key', async () => {
    const { data } = await client(gateway()).models.list();
    expect(data.map(({ id }) => id).sort()).toEqual(['chat-next', 'chat-small', 'gpt-4o-mini']);
  });

  const chat = { model: 'chat-small', messages: userSays('hello') };
  test.each([
    { name: 'no key', body: chat, key: undefined, status: 401, code: 'missing-key', says: 'Authorization' },
    { name: 'a wrong key', body: chat, key: 'hg_wrong', status: 401, code: 'invalid-key', says: 'key' },
    {
      name: 'an unknown model',
      body: { ...chat, model: 'chat-smal' },
      status: 404,
      code: 'unknown-model',
      says: 'Did you mean "chat-small"?',
    },
    {
      name: 'a model of another team',
      body: { ...chat, model: 'odd' },
      status: 403,
      code: 'model-not-allowed',
      says: 'odd',
    },
    { name: 'no messages', body: { model: 'chat-small' }, status: 400, code: 'invalid-request', says: 'messages' },
    { name: 'invalid JSON', body: '{"model": "chat-small", ', status: 400, code: 'invalid-json', says: 'JSON' },
    {
      name: 'another path',
      path: '/v1/embeddings',
      body: chat,
      status: 404,
      code: 'not-found',
      says: '/v1/embeddings',
    },
  ])('$name: $status $code', async ({ path, body, status, code, says, ...rest }) => {
    const key = 'key' in rest ? rest.key : gateway().key;
    const before = await engineRequests(gateway());
    const answer = await postChat(gateway(), { path, body, key });
    const error = { type: expect.any(String), param: null, code, message: expect.stringContaining(says) };
    expect({ status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() }).toEqual({
      status,
      type: 'application/json',
      body: { error },
    });
    expect(await engineRequests(gateway())).toEqual(before);
  });

  test('a body over the limit of its route: 413 in the shape of the API', async () => {
    const huge = { ...chat, messages: userSays('x'.repeat(9 * 1024 * 1024)) };
    const answer = await postChat(gateway(), { body: huge, key: gateway().key });
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 413,
      body: { error: { message: expect.any(String), type: expect.any(String), param: null, code: expect.any(String) } },
    });
  });

  test('what a client sends beside its body stays here', async () => {
    const send = (model: string, key: string) =>
      fetch(`${gateway().proxies[0]?.url}/v1/chat/completions?api-version=1&key=${key}`, {
        method: 'POST',
        headers: { ...OF_THE_CLIENT, 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...chat, model }),
      });
    const answers = [await send('chat-small', gateway().key), await send('away', awayKey)];
    const { engines, provider, providerKey } = gateway();
    const seen = await Promise.all(engines.addresses.map((address) => engines.at(address).requests()));
    const atEngine = seen.flat().findLast(({ headers }) => headers['user-agent'] === OF_THE_CLIENT['user-agent']);
    const atProvider = present(provider.requests.at(-1), 'a request at the provider');
    const common = ['accept', 'accept-encoding', 'content-length', 'content-type', 'host', 'user-agent'];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect([atEngine?.path, Object.keys(atEngine?.headers ?? {}).sort()]).toEqual([
      '/v1/chat/completions',
      [...common, 'x-request-id'],
    ]);
    expect([atProvider.path, Object.keys(atProvider.headers).sort(), atProvider.headers.authorization]).toEqual([
      '/v1/chat/completions',
      [...common, 'authorization'].sort(),
      `Bearer ${providerKey}`,
    ]);
  });

  test('what an upstream says beside its body stays here', async () => {
    const body = { model: 'talkative', messages: userSays('hello') };
    const answer = await postChat(gateway(), { body, key: talkativeKey });
    expect([answer.status, await answer.json(), [...answer.headers.keys()].sort()]).toEqual([
      200,
      { choices: [] },
      ['content-type', 'date', 'headgate-decision', 'headgate-model', 'retry-after', 'server', 'transfer-encoding'],
    ]);
    expect([answer.headers.get('server'), answer.headers.get('headgate-model')]).toEqual(['headgate', 'talkative']);
  });

  test('an upstream that leads elsewhere: 502, and not where to', async () => {
    const body = { model: 'talkative', messages: userSays('elsewhere') };
    const answer = await postChat(gateway(), { body, key: talkativeKey });
    expect([answer.status, answer.headers.get('location'), await answer.json()]).toMatchObject([
      502,
      null,
      { error: { type: 'gateway_error', code: 'upstream-refused' } },
    ]);
  });

  test('a packed body: 415 in the shape of the API', async () => {
    const answer = await fetch(`${gateway().proxies[0]?.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway().key}`, 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(chat)),
    });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 415,
      body: { error: { param: null, code: 'unsupported-encoding' } },
    });
  });

  test('a stream that nobody watches arrives byte for byte', async () => {
    const body = { model: 'odd', messages: userSays('hello'), stream: true, stream_options: { include_usage: true } };
    const answer = await postChat(gateway(), { body, key: oddKey });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.toString()).toBe(ODD_STREAM.toString());
    expect(bytes.equals(ODD_STREAM)).toBe(true);
    expect(odd.bodies).toEqual([JSON.stringify(body)]);
    const [record] = await gateway().admin.records([decisionIn(answer)]);
    expect(record?.outcome?.usage).toEqual({ inputTokens: 7, cachedTokens: 0, outputTokens: 3, source: 'reported' });
  });

  test('a client that leaves in the middle of a stream: the engine stops, and one record has an estimate', async () => {
    const { written } = (await gateway().admin.status()).records;
    const stop = new AbortController();
    const body = { ...chat, stream: true, max_tokens: 2_000, ignore_eos: true };
    const answer = await postChat(gateway(), { body, key: gateway().key, signal: stop.signal });
    const reader = present(answer.body, 'a body').getReader();
    await reader.read();
    stop.abort();
    const [record] = await gateway().admin.records([decisionIn(answer)]);
    expect([record?.outcome?.kind, record?.outcome?.usage?.source]).toEqual(['incomplete', 'estimated']);
    await waitUntil('the engine to stop', async () => ((await aborted(gateway())) === 1 ? true : undefined));
    expect((await gateway().admin.status()).records.written - written).toBe(1);
  });
});

function client({ proxies, key }: DemoStack): OpenAI {
  return new OpenAI({ baseURL: `${proxies[0]?.url}/v1`, apiKey: key, maxRetries: 0 });
}

async function engineRequests({ engines }: DemoStack): Promise<number[]> {
  const seen = await Promise.all(engines.addresses.map((address) => engines.at(address).requests()));
  return seen.map((requests) => requests.length);
}

async function aborted({ engines }: DemoStack): Promise<number> {
  const stats = await Promise.all(engines.addresses.map((address) => engines.at(address).stats()));
  return stats.reduce((sum, engine) => sum + engine.aborted, 0);
}
