import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineOptions } from './engine-options.ts';
import { type Engine, startEngine } from './start-engine.ts';

/** Fast enough that no test waits, slow enough that a sequence of a million tokens never ends by itself. */
const FAST = { prefillTokensPerSecond: 1e7, decodeTokensPerSecond: 20_000 };
const ENDLESS = { speed: { decodeTokensPerSecond: 20 }, kv: { blockTokens: 16, blocks: 65_536 } };
const HELLO = [{ role: 'user' as const, content: 'hello' }];

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function started(options: Partial<EngineOptions> = {}) {
  const engine = await startEngine({ models: ['llama', 'alias'], speed: FAST, ...options });
  engines.push(engine);
  const url = `http://${engine.address}`;
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
  return { engine, url, client };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('the API, through the SDK of OpenAI', () => {
  test('a chat', async () => {
    const { engine, client } = await started();
    const messages = [{ role: 'user' as const, content: 'reply: good morning' }];
    const answer = await client.chat.completions.create({ model: 'alias', messages });
    expect(answer).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'llama',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'good morning', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 10, total_tokens: 13, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } },
    });
    expect(engine.requests).toMatchObject([
      { method: 'POST', path: '/v1/chat/completions', model: 'alias', status: 200, outcome: 'answered' },
    ]);
  });

  test('a streamed chat: role, tokens, finish, usage', async () => {
    const { client } = await started();
    const chunks = await collect(
      await client.chat.completions.create({
        model: 'llama',
        messages: [{ role: 'user', content: 'reply: good morning' }],
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 2,
      }),
    );
    expect(new Set(chunks.map(({ id, object, model }) => `${id} ${object} ${model}`)).size).toBe(1);
    expect(chunks.map(({ choices, usage }) => choices[0] ?? usage)).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: 'good' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: ' mor' }, logprobs: null, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: 'length' },
      { prompt_tokens: 10, total_tokens: 12, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 0 } },
    ]);
  });

  test('several choices, each with its own text', async () => {
    const { client } = await started();
    const answer = await client.chat.completions.create({ model: 'llama', messages: HELLO, n: 3, max_tokens: 8 });
    const texts = answer.choices.map(({ message }) => message.content);
    expect({
      indexes: answer.choices.map(({ index }) => index),
      distinct: new Set(texts).size,
      usage: answer.usage,
    }).toEqual({ indexes: [0, 1, 2], distinct: 3, usage: expect.objectContaining({ completion_tokens: 24 }) });
  });

  test('a completion of a text, plain and streamed', async () => {
    const { client } = await started();
    const body = { model: 'llama', prompt: 'Once. reply: twice' };
    const answer = await client.completions.create(body);
    const chunks = await collect(await client.completions.create({ ...body, stream: true }));
    expect([answer.object, answer.choices[0]?.text, chunks.map(({ choices }) => choices[0]?.text).join('')]).toEqual([
      'text_completion',
      'twice',
      'twice',
    ]);
  });

  test('the models: aliases, and adapters with their parent', async () => {
    const { client } = await started({ adapters: ['law'], contextTokensMax: 4_096 });
    const models = await client.models.list();
    expect(models.data).toEqual([
      expect.objectContaining({ id: 'llama', parent: null, root: 'llama', max_model_len: 4_096, owned_by: 'vllm' }),
      expect.objectContaining({ id: 'alias', parent: null, root: 'llama' }),
      expect.objectContaining({ id: 'law', parent: 'llama', root: 'law' }),
    ]);
  });

  test('a repeated prompt is found in the cache', async () => {
    const { client } = await started();
    const messages = [{ role: 'user' as const, content: 'word '.repeat(200) }];
    const cached = async () => {
      const { usage } = await client.chat.completions.create({ model: 'llama', messages, max_tokens: 1 });
      return usage?.prompt_tokens_details?.cached_tokens;
    };
    expect([await cached(), await cached()]).toEqual([0, 240]);
  });
});

describe('refusals, in the shape of vLLM', () => {
  test.each([
    {
      what: 'an unknown model',
      body: { model: 'gpt', messages: HELLO },
      error: { message: 'The model `gpt` does not exist.', type: 'NotFoundError', param: 'model', code: 404 },
    },
    {
      what: 'a prompt and answer that do not fit the context',
      body: { model: 'llama', messages: HELLO, max_tokens: 60 },
      error: {
        message:
          "This model's maximum context length is 64 tokens. However, your request has 7 input tokens and asks for 60 " +
          'output tokens. Please reduce either.',
        type: 'BadRequestError',
        param: 'max_tokens',
        code: 400,
      },
    },
    {
      what: 'a list as the body',
      body: [],
      error: {
        message: 'JSON decode error: the body is no JSON object',
        type: 'BadRequestError',
        param: null,
        code: 400,
      },
    },
  ])('$what', async ({ body, error }) => {
    const { url } = await started({ contextTokensMax: 64 });
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
    expect({ status: response.status, body: await response.json() }).toEqual({ status: error.code, body: { error } });
  });

  test('a path that vLLM does not have', async () => {
    const { url } = await started();
    const response = await fetch(`${url}/v1/nothing`);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 404,
      body: { detail: 'Not Found' },
    });
  });
});

describe('health and metrics', () => {
  test('healthy, with the metrics of what it did', async () => {
    const { url, client } = await started();
    await client.chat.completions.create({ model: 'llama', messages: HELLO, max_tokens: 4 });
    const health = await fetch(`${url}/health`);
    const metrics = await fetch(`${url}/metrics`);
    const text = await metrics.text();
    expect([health.status, await health.text(), metrics.headers.get('content-type')]).toEqual([
      200,
      '',
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'vllm:generation_tokens_total{engine="0",model_name="llama"} 4.0',
        'vllm:request_success_total{engine="0",model_name="llama",finished_reason="length"} 1.0',
        'vllm:cache_config_info{block_size="16",enable_prefix_caching="True",engine="0",num_gpu_blocks="8192"} 1.0',
      ]),
    );
  });
});

describe('clients that leave', () => {
  test('free their sequence, streamed or not', async () => {
    const { engine, client } = await started(ENDLESS);
    const body = { model: 'llama', messages: HELLO, max_tokens: 1_000_000, ignore_eos: true };
    const stream = await client.chat.completions.create({ ...body, stream: true });
    const plain = new AbortController();
    const answer = client.chat.completions.create(body, { signal: plain.signal });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content !== '') break;
    plain.abort();
    await expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
    await engine.whenIdle();
    const { running, waiting, kvUsage } = engine.stats();
    expect({ running, waiting, kvUsage }).toEqual({ running: 0, waiting: 0, kvUsage: 0 });
    expect(engine.requests[0]).toMatchObject({ status: 200, outcome: 'aborted' });
  });
});
