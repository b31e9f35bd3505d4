import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import OpenAI from 'openai';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { EngineFault } from './engine-fault.ts';
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

/** What a client sees of one request: the code of a broken connection, or the status and how the body ended. */
async function seenBy(url: string, stream: boolean): Promise<string> {
  const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false });
  // A reset after the headers is told twice: here, and to the reader of the answer.
  request.on('error', () => undefined);
  request.end(
    JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'reply: one two three' }], stream }),
  );
  try {
    const [response] = await once(request, 'response');
    response.setEncoding('utf8');
    let body = '';
    try {
      for await (const part of response) body += part;
    } catch (error) {
      const deltas = body.split('"content":"').length - 1;
      return `${response.statusCode}, ${deltas} deltas, ${(error as NodeJS.ErrnoException).code}`;
    }
    return `${response.statusCode}, retry-after ${response.headers['retry-after']}, ended`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

describe('faults on command', () => {
  test('lie or stay as they were, until the faults end', async () => {
    const { engine, url } = await started(ENDLESS);
    const waiting = new AbortController();
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'llama', messages: HELLO, stream: true, max_tokens: 1_000_000, ignore_eos: true }),
      signal: waiting.signal,
    });
    const running = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return /vllm:num_requests_running\{.*\} (.*)/.exec(text)?.[1];
    };
    const readings = [await running()];
    engine.fault({ kind: 'lie' });
    readings.push(await running());
    engine.fault({ kind: 'none' });
    readings.push(await running());
    engine.fault({ kind: 'stale-metrics' });
    waiting.abort();
    await engine.whenIdle();
    readings.push(await running());
    engine.fault({ kind: 'none' });
    readings.push(await running());
    expect({ status: stream.status, readings }).toEqual({ status: 200, readings: ['1.0', '0.0', '1.0', '1.0', '0.0'] });
  });

  const served = '200, retry-after undefined, ended';
  test.each<{ fault: EngineFault; stream: boolean; seen: string[] }>([
    { fault: { kind: 'refuse', count: 1 }, stream: false, seen: ['ECONNRESET', served] },
    {
      fault: { kind: 'status', status: 429, retryAfterSeconds: 7, count: 2 },
      stream: true,
      seen: ['429, retry-after 7, ended', '429, retry-after 7, ended', served],
    },
    { fault: { kind: 'status', status: 503 }, stream: false, seen: ['503, retry-after undefined, ended'] },
    { fault: { kind: 'reset', afterTokens: 2, count: 1 }, stream: false, seen: ['ECONNRESET', served] },
    { fault: { kind: 'reset', afterTokens: 2, count: 1 }, stream: true, seen: ['200, 3 deltas, ECONNRESET', served] },
    { fault: { kind: 'reset', afterTokens: 0, count: 1 }, stream: true, seen: ['200, 0 deltas, ECONNRESET', served] },
  ])('$fault, streamed: $stream', async ({ fault, stream, seen }) => {
    const { engine, url } = await started();
    engine.fault(fault);
    const outcomes: string[] = [];
    for (const _ of seen) outcomes.push(await seenBy(url, stream));
    await engine.whenIdle();
    expect(outcomes).toEqual(seen);
  });

  test('a hanging request is answered never, and ends with its client', async () => {
    const { engine, url } = await started();
    engine.fault({ kind: 'hang', count: 1 });
    const client = new AbortController();
    const hanging = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'llama', messages: HELLO }),
      signal: client.signal,
    });
    await vi.waitFor(() => expect(engine.requests.map(({ model }) => model)).toEqual(['llama']));
    const next = await seenBy(url, false);
    client.abort();
    await expect(hanging).rejects.toThrow('aborted');
    expect({ next, seen: engine.requests.map(({ model, status }) => [model, status]) }).toEqual({
      next: served,
      seen: [
        ['llama', undefined],
        ['llama', 200],
      ],
    });
  });

  test('a slow engine takes so many times as long', async () => {
    const { engine, url } = await started();
    engine.fault({ kind: 'slow', factor: 4 });
    await seenBy(url, false);
    const text = await (await fetch(`${url}/metrics`)).text();
    // One more step for each of 4 tokens after the first, each of 1/20,000 s, four times as long.
    const sum = Number(/inter_token_latency_seconds_sum\{.*\} (.*)/.exec(text)?.[1]);
    expect(sum).toBeCloseTo((3 * 4) / 20_000, 9);
  });
});

describe('a killed engine', () => {
  test('ends its connections and refuses new ones; restarted, it listens there again with nothing in memory', async () => {
    const { engine, url, client } = await started(ENDLESS);
    const { address } = engine;
    const stream = await client.chat.completions.create({ model: 'llama', messages: HELLO, stream: true });
    const reading = collect(stream);
    reading.catch(() => undefined);
    await engine.kill();
    await expect(reading).rejects.toThrow('terminated');
    const refused = await seenBy(url, false);
    await engine.restart();
    const { running, waiting, promptTokens } = engine.stats();
    expect({ refused, same: engine.address === address, running, waiting, promptTokens }).toEqual({
      refused: 'ECONNREFUSED',
      same: true,
      running: 0,
      waiting: 0,
      promptTokens: 0,
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});
