import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnswerRequest, answerText } from './answer-text.ts';
import { readCompletionRequest } from './completion-request.ts';
import { countTokens, fullBlocks, splitTokens } from './tokens.ts';

const REQUEST: AnswerRequest = {
  seed: 1,
  prompt: '<|user|>hello<|assistant|>',
  lastUserText: 'hello',
  choice: 0,
  tokensMax: 1_000,
  ignoreEnd: false,
};

describe('tokens', () => {
  test.each([
    { text: '', tokens: [] },
    { text: 'abc', tokens: ['abc'] },
    { text: 'abcdefghi', tokens: ['abcd', 'efgh', 'i'] },
    { text: 'abc😀de', tokens: ['abc😀', 'de'] },
  ])('"$text" is split into $tokens', ({ text, tokens }) => {
    expect(splitTokens(text, 100)).toEqual(tokens);
  });

  test('the pieces are the text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const tokens = splitTokens(text, 1_000);
        expect(tokens.join('')).toBe(text);
        expect(tokens.every((token) => token.isWellFormed())).toBe(true);
      }),
    );
  });

  test('a count, and blocks without the incomplete last one', () => {
    const text = 'x'.repeat(33);
    expect([countTokens(text), [...fullBlocks(text, 4)]]).toEqual([9, ['x'.repeat(16), 'x'.repeat(16)]]);
  });
});

describe('answer', () => {
  test('seed, prompt and choice determine it', () => {
    const text = (change: Partial<AnswerRequest>) => answerText({ ...REQUEST, ...change }).tokens.join('');
    const variants = [text({}), text({ seed: 2 }), text({ prompt: 'x' }), text({ choice: 1 })];
    expect({ again: text({}) === variants[0], distinct: new Set(variants).size }).toEqual({ again: true, distinct: 4 });
  });

  test.each([
    { what: 'to its natural end', change: {}, expected: { count: 17, finish: 'stop' } },
    { what: 'cut by the limit', change: { tokensMax: 5 }, expected: { count: 5, finish: 'length' } },
    { what: 'on to the limit', change: { tokensMax: 90, ignoreEnd: true }, expected: { count: 90, finish: 'length' } },
  ])('runs $what', ({ change, expected }) => {
    const { tokens, finish } = answerText({ ...REQUEST, ...change });
    expect({ count: tokens.length, finish }).toEqual(expected);
  });

  test.each([
    { says: 'reply: yes', tokensMax: 10, expected: { tokens: ['yes'], finish: 'stop' } },
    { says: 'please reply: AKIA 1\n2', tokensMax: 10, expected: { tokens: ['AKIA', ' 1\n2'], finish: 'stop' } },
    { says: 'reply: twelve bytes', tokensMax: 2, expected: { tokens: ['twel', 've b'], finish: 'length' } },
    { says: 'reply: ', tokensMax: 2, expected: { tokens: [], finish: 'stop' } },
  ])('a user that says "$says" decides it', ({ says, tokensMax, expected }) => {
    expect(answerText({ ...REQUEST, lastUserText: says, tokensMax })).toEqual(expected);
  });
});

describe('request', () => {
  test('a chat: the rendered conversation, the last message of the user, the options', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, { type: 'text', text: 'b' }] },
        { role: 'assistant', content: null },
      ],
      stream: true,
      stream_options: { include_usage: true },
      n: 2,
      max_tokens: 7,
      max_completion_tokens: 9,
      ignore_eos: true,
    };
    expect(readCompletionRequest('chat', JSON.stringify(body))).toEqual({
      ok: true,
      value: {
        api: 'chat',
        model: 'm',
        prompt: '<|system|>Be kind.<|user|>ab<|assistant|><|assistant|>',
        lastUserText: 'ab',
        stream: true,
        includeUsage: true,
        choices: 2,
        tokensMax: 9,
        ignoreEnd: true,
      },
    });
  });

  test.each([
    { api: 'chat', body: '{', param: null },
    { api: 'chat', body: '[]', param: null },
    { api: 'chat', body: '{"messages":[]}', param: 'messages' },
    { api: 'chat', body: '{"messages":[{"content":"x"}]}', param: 'messages' },
    { api: 'chat', body: '{"messages":[{"role":"user","content":"x"}],"max_tokens":0}', param: 'max_tokens' },
    { api: 'chat', body: '{"messages":[{"role":"user","content":"x"}],"n":17}', param: 'n' },
    { api: 'text', body: '{"prompt":""}', param: 'prompt' },
  ] as const)('$api $body is refused for $param', ({ api, body, param }) => {
    expect(readCompletionRequest(api, body)).toMatchObject({ ok: false, error: { param } });
  });
});
