import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKey } from '../../src/app/commands/key.ts';
import { askOne, decisionOf, errorCodeOf } from '../../src/app/demo/stack/ask.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { present } from '../../src/core/base/assert.ts';
import { sample } from '../../src/core/policy/detectors/samples.ts';
import { type FixedUpstream, startFixedUpstream } from '../support/fixed-upstream.ts';
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
    scope: { routes: ['chat', 'held'] },
    detectors: ['secrets', 'card'],
    onError: 'deny',
    stream: 'hold',
  },
});

describeWithTool('envoy', 'answers that a guardrail watches', () => {
  const heldKey = newKey();
  let held: FixedUpstream;
  beforeAll(async () => {
    held = await startFixedUpstream(heldAnswer);
  });
  afterAll(() => held.close());
  const gateway = useGateway(() => ({
    engineScales: [1],
    proxies: 1,
    // Without the tests of the quickstart, which ask the policy about a prompt.
    files: {
      'held.yaml': ownModel('held', held.address, heldKey),
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
