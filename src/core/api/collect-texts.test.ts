import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../base/assert.ts';
import { readChatRequest } from './chat-request.ts';
import { stringAt } from './json-cursor.ts';

/** Every text of a request with these members, as `pointer role message: text`. */
function textsOf(members: object): string[] {
  const body = new TextEncoder().encode(JSON.stringify({ model: 'm', messages: [], ...members }));
  const read = readChatRequest(body);
  if (!read.ok) return [read.error.message];
  return read.value.texts.map(
    ({ pointer, role, message, at }) => `${pointer} ${role} ${message}: ${stringAt(body, at)}`,
  );
}

describe('every string of a body is a text', () => {
  test.each<[string, object, string[]]>([
    [
      'of a message: its parts of any type, its name, its calls of any form, and what no API describes',
      {
        messages: [
          {
            content: [
              { type: 'text', text: 'a' },
              { type: 'thinking', thinking: 'b' },
              { type: 'refusal', refusal: 'c' },
            ],
            role: 'assistant',
            name: 'd',
            reasoning: 'e',
            reasoning_content: 'f',
            function_call: { name: 'g', arguments: 'h' },
            tool_calls: [
              { id: 'call_1', type: 'custom', custom: { name: 'i', input: 'j' } },
              { id: 'call_2', type: 'function', function: { name: 'k', arguments: 'l' } },
            ],
            'a/b~c': { deeper: ['m'] },
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'n' },
        ],
      },
      [
        '/messages/0/content/0/text assistant 0: a',
        '/messages/0/content/1/thinking assistant 0: b',
        '/messages/0/content/2/refusal assistant 0: c',
        '/messages/0/name assistant 0: d',
        '/messages/0/reasoning assistant 0: e',
        '/messages/0/reasoning_content assistant 0: f',
        '/messages/0/function_call/name assistant 0: g',
        '/messages/0/function_call/arguments assistant 0: h',
        '/messages/0/tool_calls/0/custom/name assistant 0: i',
        '/messages/0/tool_calls/0/custom/input assistant 0: j',
        '/messages/0/tool_calls/1/function/name assistant 0: k',
        '/messages/0/tool_calls/1/function/arguments assistant 0: l',
        '/messages/0/a~1b~0c/deeper/0 assistant 0: m',
        '/messages/1/content tool 1: n',
      ],
    ],
    [
      'besides the messages, and it comes behind them',
      {
        tools: [{ type: 'function', function: { name: 'a', description: 'b', parameters: { enum: ['c'] } } }],
        functions: [{ name: 'd' }],
        prediction: { type: 'content', content: 'e' },
        documents: [{ text: 'f' }],
        response_format: { type: 'json_schema', json_schema: { name: 'g', description: 'h' } },
        stop: ['i'],
        user: 'j',
        metadata: { note: 'k' },
        messages: [{ role: 'user', content: 'l' }],
      },
      [
        '/messages/0/content user 0: l',
        '/tools/0/function/name tool -1: a',
        '/tools/0/function/description tool -1: b',
        '/tools/0/function/parameters/enum/0 tool -1: c',
        '/functions/0/name tool -1: d',
        '/prediction/content system -1: e',
        '/documents/0/text system -1: f',
        '/response_format/json_schema/name system -1: g',
        '/response_format/json_schema/description system -1: h',
        '/stop/0 system -1: i',
        '/user system -1: j',
        '/metadata/note system -1: k',
      ],
    ],
  ])('%s', (_what, members, expected) => {
    expect(textsOf(members)).toEqual(expected);
  });
});

describe('what is no text, and the same where it does not look like it', () => {
  const inPart = (part: object) => textsOf({ messages: [{ role: 'user', content: [part] }] });
  const at = '/messages/0/content/0';

  test.each<[string, object, string[]]>([
    ['a word', { type: 'input_audio' }, []],
    ['words', { type: 'Two words' }, [`${at}/type user 0: Two words`]],
    ['a long word', { type: 'x'.repeat(25) }, [`${at}/type user 0: ${'x'.repeat(25)}`]],
    ['an id', { id: 'call_A.1:2-3' }, []],
    ['no id', { id: 'call me' }, [`${at}/id user 0: call me`]],
    ['a long id', { id: 'x'.repeat(65) }, [`${at}/id user 0: ${'x'.repeat(65)}`]],
    ['an image', { image_url: { url: 'data:image/png;base64,AAAA' } }, []],
    ['an address', { image_url: { url: 'https://a/?key=b' } }, [`${at}/image_url/url user 0: https://a/?key=b`]],
    ['text in a URL', { image_url: { url: 'data:,b;base64,' } }, [`${at}/image_url/url user 0: data:,b;base64,`]],
    ['a sound', { input_audio: { data: 'AAAA', format: 'wav' } }, []],
    ['data of something else', { other: { data: 'AAAA' } }, [`${at}/other/data user 0: AAAA`]],
    ['a file by name', { file: { filename: 'a', file_id: 'file-1' } }, [`${at}/file/filename user 0: a`]],
  ])('%s', (_what, part, expected) => {
    expect(inPart(part)).toEqual(expected);
  });

  test('of a message: a role that no API knows', () => {
    expect(textsOf({ messages: [{ role: 'You are root' }] })).toEqual([
      '/messages/0/role You are root 0: You are root',
    ]);
  });

  test('of the body: its settings', () => {
    expect(
      textsOf({ service_tier: 'auto', reasoning_effort: 'low', modalities: ['text'], tool_choice: 'auto' }),
    ).toEqual([]);
  });
});

test('each pointer leads to its text, whatever the members are called', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ minLength: 1 }).map((key) => `x${key}`),
        value,
      ),
      (members) => {
        const source = JSON.stringify({ model: 'm', messages: [], ...members });
        const body = new TextEncoder().encode(source);
        const read = readChatRequest(body);
        const texts = read.ok ? read.value.texts : [];
        const found = texts.map(({ pointer }) => valueAt(JSON.parse(source), pointer));
        expect(found).toEqual(texts.map(({ at }) => stringAt(body, at)));
        expect(found.length).toBe(stringsIn(JSON.parse(JSON.stringify(members))));
      },
    ),
  );
});

function valueAt(document: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>(
    (value, step) =>
      present(value as Record<string, unknown>, 'a parent')[step.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  );
}

/** How many strings stand in a value, its keys not counted. */
function stringsIn(value: unknown): number {
  if (typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + stringsIn(member), 0);
}
