import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editBody, includeUsage, renameModel } from './body-edit.ts';
import { readChatRequest } from './chat-request.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function edited(text: string, model: string): string {
  const body = encoder.encode(text);
  const request = readChatRequest(body);
  if (!request.ok) throw new Error(request.error.message);
  return decoder.decode(editBody(body, [...renameModel(request.value, model), ...includeUsage(request.value, body)]));
}

test.each([
  ['{"model":"a","messages":[]}', '{"model":"b","messages":[]}'],
  ['{ "x" : 1.50, "model" : "a" , "messages":[]}', '{ "x" : 1.50, "model" : "b" , "messages":[]}'],
  [
    '{"model":"a","stream":true,"messages":[]}',
    '{"model":"b","stream_options":{"include_usage":true},"stream":true,"messages":[]}',
  ],
  [
    '{"stream_options":{"include_usage":false,"other":false},"model":"a","stream":true,"messages":[]}',
    '{"stream_options":{"include_usage":true,"other":false},"model":"b","stream":true,"messages":[]}',
  ],
  [
    '{"stream_options":null,"model":"a","stream":true,"messages":[]}',
    '{"stream_options":{"include_usage":true},"model":"b","stream":true,"messages":[]}',
  ],
  [
    '{"stream_options":{"include_usage":true},"model":"a","stream":true,"messages":[]}',
    '{"stream_options":{"include_usage":true},"model":"b","stream":true,"messages":[]}',
  ],
])('%s becomes %s', (before, after) => {
  expect(edited(before, 'b')).toBe(after);
});

test('a body that already says all stays the same bytes', () => {
  const body = encoder.encode('{"model":"b","messages":[]}');
  expect(editBody(body, [])).toEqual(body);
});

test('an edited body parses to the same request but for the model', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
  fc.assert(
    fc.property(json, fc.string(), fc.string({ minLength: 1 }), (extra, from, to) => {
      const request = { ...extra, model: from, messages: [], n: 1, stream: false, max_tokens: null };
      const { stream_options: _options, max_completion_tokens: _tokens, ...plain } = request as Record<string, unknown>;
      expect(JSON.parse(edited(JSON.stringify(plain), to))).toEqual({
        ...JSON.parse(JSON.stringify(plain)),
        model: to,
      });
    }),
  );
});
