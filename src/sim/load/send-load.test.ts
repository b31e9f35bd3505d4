import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EngineFault } from '../engine/engine-fault.ts';
import { startEngine } from '../engine/start-engine.ts';
import { createAnswerReader, finishAnswer, readAnswerPart } from './answer-reader.ts';
import { type LoadOptions, sendLoad } from './send-load.ts';

async function started() {
  const engine = await startEngine({ models: ['llama'], speed: { decodeTokensPerSecond: 10_000 } });
  onTestFinished(() => engine.close());
  return { engine, url: `http://${engine.address}/v1/chat/completions` };
}

function ask(says: string, stream: boolean, model = 'llama') {
  return {
    body: { model, stream, stream_options: { include_usage: true }, messages: [{ role: 'user', content: says }] },
  };
}

async function loadOf(options: Pick<LoadOptions, 'url' | 'makeRequest'> & Partial<LoadOptions>) {
  const results = await sendLoad({ requests: 1, concurrency: 1, ...options });
  return results.map(({ outcome, status, streamedTokens, completionTokens, model, text }) => ({
    outcome,
    status,
    streamedTokens,
    completionTokens,
    model,
    text,
  }));
}

describe('a load', () => {
  test('reads streamed and plain answers', async () => {
    const { url } = await started();
    const results = await loadOf({ url, requests: 2, makeRequest: (index) => ask('reply: good morning', index === 0) });
    const common = { outcome: 'ok', status: 200, completionTokens: 3, model: 'llama', text: 'good morning' };
    expect(results).toEqual([
      { ...common, streamedTokens: 3 },
      { ...common, streamedTokens: undefined },
    ]);
  });

  test('keeps so many requests in flight, and gives results in order, times included', async () => {
    const { url } = await started();
    const inFlight = { now: 0, most: 0 };
    const results = await sendLoad({
      url,
      requests: 40,
      concurrency: 8,
      makeRequest(index) {
        inFlight.now += 1;
        inFlight.most = Math.max(inFlight.most, inFlight.now);
        return ask(`reply: ${index}`, index % 2 === 0);
      },
      onResult() {
        inFlight.now -= 1;
      },
    });
    const unordered = results.filter(({ ttftMs = 0, totalMs }) => ttftMs <= 0 || ttftMs > totalMs);
    expect({ texts: results.map(({ text }) => text), unordered, inFlight }).toEqual({
      texts: Array.from({ length: 40 }, (_, index) => String(index)),
      unordered: [],
      inFlight: { now: 0, most: 8 },
    });
  });

  const nothing = {
    status: undefined,
    streamedTokens: undefined,
    completionTokens: undefined,
    model: undefined,
    text: '',
  };
  test.each<{ fault: EngineFault; stream: boolean; expected: object }>([
    { fault: { kind: 'refuse' }, stream: true, expected: { ...nothing, outcome: 'reset-before-headers' } },
    {
      fault: { kind: 'reset', afterTokens: 1 },
      stream: true,
      expected: {
        ...nothing,
        outcome: 'reset-after-headers',
        status: 200,
        streamedTokens: 1,
        model: 'llama',
        text: 'one ',
      },
    },
    { fault: { kind: 'hang' }, stream: false, expected: { ...nothing, outcome: 'timeout' } },
    {
      fault: { kind: 'status', status: 503 },
      stream: true,
      expected: { ...nothing, outcome: 'http-error', status: 503, text: expect.stringContaining('told to fail') },
    },
  ])('tells $fault from others', async ({ fault, stream, expected }) => {
    const { engine, url } = await started();
    engine.fault(fault);
    const results = await loadOf({ url, timeoutMs: 300, makeRequest: () => ask('reply: one two', stream) });
    expect(results).toEqual([expected]);
  });

  test('tells a refused connection', async () => {
    const { engine, url } = await started();
    await engine.kill();
    const results = await loadOf({ url, makeRequest: () => ask('hello', false) });
    expect(results).toEqual([{ ...nothing, outcome: 'refused' }]);
  });
});

describe('the reader of answers', () => {
  const STREAM = [
    'data: {"model":"m","choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
    'data: {"model":"m","choices":[{"delta":{"content":"ab"}}]}\n\n: a comment\n\n',
    'data: {"model":"m","choices":[{"delta":{"content":"é😀"}}]}\r\n\r\n',
    'data: {"model":"m","choices":[],"usage":{"completion_tokens":2}}\n\n',
    'data: [DONE]\n\n',
  ].join('');

  test('reads the same wherever the body is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 8 }), (cuts) => {
        const reader = createAnswerReader(true);
        const places = [0, ...cuts.sort((left, right) => left - right), STREAM.length];
        for (const [index, place] of places.entries()) readAnswerPart(reader, STREAM.slice(place, places[index + 1]));
        expect({ whole: finishAnswer(reader), ...reader }).toMatchObject({
          whole: true,
          text: 'abé😀',
          textEvents: 2,
          completionTokens: 2,
          model: 'm',
        });
      }),
    );
  });

  test.each([
    { streamed: true, body: STREAM.slice(0, -2), whole: false },
    { streamed: true, body: '', whole: false },
    { streamed: false, body: '{"choices":[]}', whole: true },
    { streamed: false, body: '{"choices":', whole: false },
  ])('an answer, streamed: $streamed, that ends as "$body" is whole: $whole', ({ streamed, body, whole }) => {
    const reader = createAnswerReader(streamed);
    readAnswerPart(reader, body);
    expect(finishAnswer(reader)).toBe(whole);
  });
});
