import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKey } from '../../src/app/commands/key.ts';
import { askOne, decisionOf } from '../../src/app/demo/stack/ask.ts';
import type { DemoStack } from '../../src/app/demo/stack/demo-stack.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { type FixedUpstream, startFixedUpstream } from '../support/fixed-upstream.ts';
import { useGateway } from '../support/gateway.ts';
import { HELD_WORDS, heldAnswer } from '../support/held-answers.ts';
import { ownModel } from '../support/own-model.ts';
import { postChat, userSays } from '../support/post-chat.ts';
import { describeWithTool } from '../support/require-tool.ts';

/**
 * What counts resources that came, of every kind. Of listeners and clusters it is not their update_success: that counts
 * answers, and the first answer of a stream comes also when it holds nothing, since Envoy waits for one.
 */
const RESOURCES =
  /update_rejected|config_reload$|[lc]ds\.version|(cluster|listener)_(added|modified|removed)|([rs]ds\.|cluster\.pool-).*update_success/;

describeWithTool('envoy', 'headgate goes away', () => {
  const heldKey = newKey();
  let held: FixedUpstream;
  beforeAll(async () => {
    held = await startFixedUpstream(heldAnswer);
  });
  afterAll(() => held.close());
  const gateway = useGateway(() => ({
    engineScales: [1, 1],
    proxies: 2,
    files: { 'held.yaml': ownModel('held', held.address, heldKey) },
  }));

  test('ended and started again on the same commit, it sends a connected fleet nothing', async () => {
    const before = await resourcesTaken(gateway());
    expect(Object.keys(before[0] ?? {}).length).toBeGreaterThan(4);
    await gateway().closeHeadgate();
    await gateway().restartHeadgate();
    const { live } = await gateway().settled();
    expect(live?.commit).toBe(gateway().firstCommit.id);
    expect((await askOne(gateway(), { prompt: 'reply: here' })).text).toBe('here');
    expect(await resourcesTaken(gateway())).toEqual(before);
  });

  test('killed between its reply and the headers of an answer that nobody watches: the decision stands', async () => {
    held.hold();
    const sent = postChat(gateway(), { body: { model: 'held', messages: userSays('hello') }, key: heldKey });
    await waitUntil('the request to arrive', () => (held.bodies.length > 0 ? true : undefined));
    await gateway().killHeadgate();
    held.release();
    const answer = await sent;
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(HELD_WORDS)]);
    await gateway().restartHeadgate();
    await gateway().settled();
  });

  test('killed: a stream that flows ends whole, and no new request reaches an engine', async () => {
    const sent = askOne(gateway(), { prompt: 'tell me more', stream: true, tokens: 100 });
    await waitUntil('the answer to flow', async () => ((await generating(gateway())) > 5 ? true : undefined));
    await gateway().killHeadgate();
    const seen = await requestsSeen(gateway());
    const refused = await askOne(gateway(), { prompt: 'reply: never' });
    expect({ status: refused.status, type: refused.headers['content-type'], body: JSON.parse(refused.text) }).toEqual({
      status: 503,
      type: 'application/json',
      body: {
        error: {
          message: expect.stringContaining('Try again'),
          type: 'gateway_error',
          param: null,
          code: 'no_decision',
        },
      },
    });
    const { outcome, streamedTokens } = await sent;
    expect({ outcome, streamedTokens }).toEqual({ outcome: 'ok', streamedTokens: 100 });
    expect(await requestsSeen(gateway())).toBe(seen);
  });

  test('started again after it was killed, it decides again', async () => {
    await gateway().restartHeadgate();
    // At once: it holds what the proxies name before they have spoken to it.
    const answer = await askOne(gateway(), { prompt: 'reply: back' });
    expect(answer.text).toBe('back');
    const [record] = await gateway().admin.records([decisionOf(answer)]);
    expect(record?.outcome?.kind).toBe('answered');
  });

  test('started while its repository cannot be reached, it serves the last good bundle and says why', async () => {
    const { path } = gateway().repository;
    await gateway().closeHeadgate();
    await rename(path, `${path}-gone`);
    await gateway().restartHeadgate();
    const { live } = await gateway().settled();
    const failure = await waitUntil('the failure', async () => (await gateway().admin.status()).source.failure);
    const answer = await askOne(gateway(), { prompt: 'reply: still' });
    await rename(`${path}-gone`, path);
    expect({ commit: live?.commit, failure, text: answer.text }).toEqual({
      commit: gateway().firstCommit.id,
      failure: expect.any(String),
      text: 'still',
    });
  });
});

function resourcesTaken({ proxies }: DemoStack): Promise<Readonly<Record<string, number>>[]> {
  return Promise.all(proxies.map(({ stats }) => stats(RESOURCES)));
}

async function generating({ engines }: DemoStack): Promise<number> {
  const stats = await Promise.all(engines.addresses.map((address) => engines.at(address).stats()));
  return Math.max(...stats.map(({ running, generationTokens }) => (running > 0 ? generationTokens : 0)));
}

async function requestsSeen({ engines }: DemoStack): Promise<number> {
  const seen = await Promise.all(engines.addresses.map((address) => engines.at(address).requests()));
  return seen.flat().length;
}
