import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKey } from '../../src/app/commands/key.ts';
import { askOne, decisionOf, errorCodeOf } from '../../src/app/demo/stack/ask.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { present } from '../../src/core/base/assert.ts';
import { sample } from '../../src/core/policy/detectors/samples.ts';
import { type FixedAnswer, type FixedUpstream, startFixedUpstream } from '../support/fixed-upstream.ts';
import { useGateway } from '../support/gateway.ts';
import { HELD_WORDS, heldAnswer } from '../support/held-answers.ts';
import { ownModel } from '../support/own-model.ts';
import { postChat, userSays } from '../support/post-chat.ts';
import { describeWithTool } from '../support/require-tool.ts';

/** The quickstart's policy, asked of answers alone: the prompts of these tests hold what their answers shall hold. */
const WATCHED = JSON.stringify({
  apiVersion: 'headgate.dev/v1',
  kind: 'Guardrail',
  metadata: { name: 'secrets' },
  spec: {
    package: 'guardrails.secrets',
    stages: ['response'],
    scope: { routes: ['chat', 'held', 'stray'] },
    detectors: ['secrets', 'card'],
    onError: 'deny',
    stream: 'hold',
  },
});

/** What an upstream may send that no guardrail reads as it comes; each is asked for by the prompt. */
const STRAY_ANSWERS: Readonly<Record<string, (body: string) => FixedAnswer>> = {
  compressed: (body) => {
    const { contentType, pieces } = heldAnswer(body);
    return { contentType, contentEncoding: 'gzip', pieces: [gzipSync(Buffer.concat(pieces))] };
  },
  page: () => ({ status: 400, contentType: 'text/html', pieces: [Buffer.from(`<p>${HELD_WORDS}</p>`)] }),
  quoted: () => errorAnswer(`the prompt "${HELD_WORDS} ${sample('aws-access-key', 8)}" is too long`),
  harmless: () => errorAnswer(HELD_WORDS),
};

function errorAnswer(message: string): FixedAnswer {
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error' } });
  return { status: 400, contentType: 'application/json', pieces: [Buffer.from(body)] };
}

function strayAnswer(body: string): FixedAnswer {
  const { messages } = JSON.parse(body) as { messages: readonly { content: string }[] };
  return present(STRAY_ANSWERS[messages[0]?.content ?? ''], 'the answer that the prompt asks for')(body);
}

describeWithTool('envoy', 'answers that a guardrail watches', () => {
  const heldKey = newKey();
  const strayKey = newKey();
  let held: FixedUpstream;
  let stray: FixedUpstream;
  beforeAll(async () => {
    held = await startFixedUpstream(heldAnswer);
    stray = await startFixedUpstream(strayAnswer);
  });
  afterAll(() => Promise.all([held.close(), stray.close()]));
  const gateway = useGateway(() => ({
    engineScales: [1],
    proxies: 1,
    // Without the tests of the quickstart, which ask the policy about a prompt.
    files: {
      'held.yaml': ownModel('held', held.address, heldKey),
      'stray.yaml': ownModel('stray', stray.address, strayKey),
      'guardrails/secrets.yaml': WATCHED,
      'tests/chat.yaml': '# none\n',
    },
  }));
  const specimen = present(sample('aws-access-key', 7), 'a specimen');
  const before = 'It is long and says nothing of note, word after word. '.repeat(10);

  test.each([false, true])('a clean answer passes whole, streamed: %s', async (stream) => {
    const answer = await askOne(gateway(), { prompt: `reply: ${before}`, stream });
    expect({ outcome: answer.outcome, text: answer.text }).toEqual({ outcome: 'ok', text: before });
    const [record] = await gateway().admin.records([decisionOf(answer)]);
    expect([record?.outcome?.kind, record?.outcome?.usage?.source]).toEqual(['answered', 'reported']);
  });

  test('a plain answer with a credential is refused whole', async () => {
    const answer = await askOne(gateway(), { prompt: `reply: ${before}The key is ${specimen} for now.` });
    expect([answer.status, errorCodeOf(answer)]).toEqual([403, 'secret-found']);
    expect(answer.text).not.toContain(specimen);
    const [record] = await gateway().admin.records([decisionOf(answer)]);
    expect(record?.outcome?.kind).toBe('blocked');
  });

  test('a streamed answer with a credential ends before it, and no letter of it leaves', async () => {
    const answer = await askOne(gateway(), { prompt: `reply: ${before}The key is ${specimen} for now.`, stream: true });
    expect(answer.status).toBe(200);
    // What came long before it was let go.
    expect(answer.text.length).toBeGreaterThan(before.length / 2);
    expect(`${before}The key is `.startsWith(answer.text)).toBe(true);
    const [record] = await gateway().admin.records([decisionOf(answer)]);
    expect([record?.outcome?.kind, record?.policies.map(({ code }) => code)]).toEqual(['blocked', ['secret-found']]);
  });

  test.each<[string, boolean, number, string, boolean]>([
    ['compressed', false, 403, 'answer-unjudged', false],
    ['compressed', true, 403, 'answer-unjudged', false],
    ['page', false, 400, 'answer-unjudged', false],
    ['quoted', true, 403, 'secret-found', false],
    ['harmless', false, 400, '', true],
  ])('what an upstream sends besides plain answers: %s, streamed: %s', async (what, stream, status, code, passes) => {
    const body = { model: 'stray', messages: userSays(what), stream };
    const answer = await postChat(gateway(), { body, key: strayKey });
    const text = await answer.text();
    const { error } = JSON.parse(text) as { error: { code?: string } };
    expect([answer.status, error.code ?? '', text.includes(HELD_WORDS)]).toEqual([status, code, passes]);
  });

  test.each([false, true])(
    'headgate dies between its reply and the headers of the answer: not a byte of it leaves, streamed: %s',
    async (stream) => {
      held.hold();
      const asked = held.bodies.length;
      const sent = postChat(gateway(), { body: { model: 'held', messages: userSays('hello'), stream }, key: heldKey });
      await waitUntil('the request to arrive', () => (held.bodies.length > asked ? true : undefined));
      await gateway().killHeadgate();
      held.release();
      const answer = await sent;
      expect(answer.status).toBe(503);
      expect(await answer.text()).not.toContain(HELD_WORDS);
      await gateway().restartHeadgate();
      await gateway().settled();
      const next = await postChat(gateway(), {
        body: { model: 'held', messages: userSays('hello'), stream },
        key: heldKey,
      });
      expect(await next.text()).toContain(HELD_WORDS);
    },
  );
});
