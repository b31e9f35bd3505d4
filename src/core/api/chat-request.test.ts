import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChatRequest } from './chat-request.ts';

const encoder = new TextEncoder();
const read = (body: unknown) => readChatRequest(encoder.encode(typeof body === 'string' ? body : JSON.stringify(body)));

describe('what is read', () => {
  test('a plain request, with places instead of text', () => {
    const body = '{"model":"chat-small","messages":[{"role":"user","content":"hi"}]}';
    expect(read(body)).toEqual({
      ok: true,
      value: {
        model: 'chat-small',
        modelAt: { start: 9, end: 21 },
        stream: false,
        choices: 1,
        texts: [{ pointer: '/messages/0/content', message: 0, role: 'user', at: { start: 59, end: 63 } }],
        messageCount: 1,
        usesTools: false,
        usesJsonSchema: false,
        usesVision: false,
        bodyBytes: 66,
      },
    });
  });

  test('everything that routing looks at', () => {
    const request = read({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 10,
      max_completion_tokens: 20,
      n: 2,
      tools: [{ type: 'function', function: { name: 'f' } }],
      response_format: { type: 'json_schema', json_schema: {} },
      messages: [
        { role: 'system', content: 'a' },
        {
          content: [
            { type: 'text', text: 'b' },
            { type: 'image_url', image_url: { url: 'x' } },
          ],
          role: 'user',
        },
        { role: 'assistant', content: null, tool_calls: [{ id: '1', function: { name: 'f', arguments: '{"c":1}' } }] },
      ],
    });
    expect(request).toMatchObject({
      ok: true,
      value: {
        stream: true,
        streamOptions: { includeUsage: true },
        outputTokensMax: 20,
        choices: 2,
        usesTools: true,
        usesJsonSchema: true,
        usesVision: true,
        messageCount: 3,
        texts: [
          { pointer: '/messages/0/content', role: 'system' },
          { pointer: '/messages/1/content/0/text', role: 'user' },
          { pointer: '/messages/1/content/1/image_url/url', role: 'user' },
          { pointer: '/messages/2/tool_calls/0/function/name', role: 'assistant' },
          { pointer: '/messages/2/tool_calls/0/function/arguments', role: 'assistant' },
          { pointer: '/tools/0/function/name', role: 'tool' },
        ],
      },
    });
  });

  test('escaped keys and values mean what they mean', () => {
    expect(read('{"\\u006dodel":"gpt\\u002d4","messages":[]}')).toMatchObject({ ok: true, value: { model: 'gpt-4' } });
  });
});

describe('what is refused', () => {
  test.each([
    ['', 'invalid-json', 'the body is not JSON: expected "{" at byte 0'],
    ['[]', 'invalid-json', 'the body is not JSON: expected "{" at byte 0'],
    [
      '{"model":"a","messages":[]} x',
      'invalid-json',
      'the body is not JSON: text after the end of the value at byte 28',
    ],
    ['{"model":"a","messages":[],}', 'invalid-json', 'the body is not JSON: expected """ at byte 27'],
    ['{"model":"a', 'invalid-json', 'the body is not JSON: unterminated string at byte 11'],
    ['{"model":01,"messages":[]}', 'invalid-json', 'the body is not JSON: expected a value at byte 9'],
    [`{"messages":${'['.repeat(100)}`, 'invalid-request', '"messages" holds something else than a message at 0'],
    [`{"x":${'['.repeat(100)}`, 'invalid-json', 'the body is not JSON: more than 64 levels at byte 69'],
    ['{"messages":[]}', 'invalid-request', '"model" is missing'],
    ['{"model":"a"}', 'invalid-request', '"messages" is missing'],
    ['{"model":5,"messages":[]}', 'invalid-request', '"model" must be a string'],
    ['{"model":"a","model":"b","messages":[]}', 'invalid-request', '"model" stands twice'],
    ['{"model":"a","\\u006dodel":"b","messages":[]}', 'invalid-request', '"model" stands twice'],
    ['{"model":"a","messages":{}}', 'invalid-request', '"messages" must be a list'],
    ['{"model":"a","messages":["x"]}', 'invalid-request', '"messages" holds something else than a message at 0'],
    [
      '{"model":"a","messages":[{"content":"x","content":"y"}]}',
      'invalid-request',
      '"content" stands twice in a message',
    ],
    [
      '{"model":"a","messages":[{"content":[{"text":"x","text":"y"}]}]}',
      'invalid-request',
      '"text" stands twice in a content part',
    ],
    [
      '{"model":"a","messages":[{"tool_calls":[{"function":{"arguments":"x","arguments":"y"}}]}]}',
      'invalid-request',
      '"arguments" stands twice',
    ],
    [
      '{"model":"a","messages":[{"content":{"text":"x"}}]}',
      'invalid-request',
      '/messages/0/content must be a text, a list of parts or null',
    ],
    [
      '{"model":"a","messages":[{"content":5}]}',
      'invalid-request',
      '/messages/0/content must be a text, a list of parts or null',
    ],
    ['{"model":"a","messages":[],"stream_options":{"other":"x"}}', 'invalid-request', '"other" must be true or false'],
    ['{"model":"a","messages":[],"stream":"x"}', 'invalid-request', '"stream" must be true or false'],
    ['{"model":"a","messages":[],"n":"x"}', 'invalid-request', '"n" must be a whole number above 0'],
    ['{"model":"a","messages":[],"stream":1}', 'invalid-request', '"stream" must be true or false'],
    ['{"model":"a","messages":[],"max_tokens":0}', 'invalid-request', '"max_tokens" must be a whole number above 0'],
    ['{"model":"a","messages":[],"stream_options":3}', 'invalid-request', '"stream_options" must be an object'],
  ])('%s', (body, code, message) => {
    expect(read(body)).toEqual({ ok: false, error: { code, message } });
  });

  test('bytes that are no UTF-8', () => {
    const bytes = Uint8Array.from([...encoder.encode('{"model":"'), 0xff, ...encoder.encode('","messages":[]}')]);
    expect(readChatRequest(bytes)).toEqual({
      ok: false,
      error: { code: 'invalid-json', message: 'the body is not JSON: the text is not UTF-8 at byte 0' },
    });
  });

  test('a member of every object is no member of the request', () => {
    expect(read('{"constructor":1,"__proto__":[],"toString":{},"model":"a","messages":[]}').ok).toBe(true);
  });
});

test('the reader takes an extra member exactly where JSON.parse takes it', () => {
  const fragment = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '1e5',
      '-0',
      '0x1',
      '+1',
      '.5',
      '1.',
      '"\\x"',
      '"\\u12G4"',
      'nul',
      'true',
      '[1,]',
      '{"a":}',
      '\t1',
      '"\u0001"',
    ),
  );
  fc.assert(
    fc.property(fragment, (text) => {
      const body = `{"model":"a","messages":[],"x":${text}}`;
      let parses = true;
      try {
        JSON.parse(body);
      } catch {
        parses = false;
      }
      const answer = read(body);
      // A fragment may add members of its own; one that repeats a key is refused for that, and only for that.
      const refusedAsJson = !answer.ok && answer.error.code === 'invalid-json';
      expect(refusedAsJson).toBe(!parses);
    }),
    { numRuns: 500 },
  );
});
