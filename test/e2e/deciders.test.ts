import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askAll, askOne } from '../../src/app/demo/stack/ask.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { CHAT_ROUTE, withSplit } from '../../src/app/demo/steps/commit-changes.ts';
import { type DeciderProcess, decidersFound, decidersSocket, startDeciderProcess } from '../support/decider-process.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { IN_FLIGHT, underLoad } from '../support/under-load.ts';

const ALL_WELL = { ok: expect.any(Number) };

describeWithTool('envoy', 'deciders of their own', () => {
  const owned = new AsyncDisposableStack();
  let folder: string;
  const gateway = useGateway(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-deciders-'));
    return { engineScales: [1, 1], proxies: 2, folder, settings: { deciders: { listen: decidersSocket(folder) } } };
  });
  const start = async (...which: [name: string, at?: 'any port']): Promise<DeciderProcess> => {
    const decider = await startDeciderProcess(folder, ...which);
    owned.defer(() => decider.process.kill());
    await decider.ready();
    return decider;
  };
  const deciderStatuses = async () => (await gateway().admin.status()).deciders ?? [];
  let one: DeciderProcess;
  let two: DeciderProcess;
  beforeAll(async () => {
    [one, two] = await Promise.all([start('one'), start('two', 'any port')]);
    await decidersFound(gateway(), 2);
  });
  afterAll(async () => {
    await owned.disposeAsync();
    await rm(folder, { recursive: true, force: true });
  });

  test('decide in place of the control plane, each its part, and tell it what became of requests', async () => {
    expect(await underLoad(gateway(), async () => undefined)).toEqual(ALL_WELL);
    const statuses = await waitUntil('the counters of both', async () => {
      const found = await deciderStatuses();
      return found.every(({ decided }) => decided > 0) ? found : undefined;
    });
    expect(statuses).toMatchObject([
      { name: 'one', address: one.address, state: 'asked', lacks: [] },
      { name: 'two', address: two.address, state: 'asked', lacks: [] },
    ]);
    const answer = await askOne(gateway(), { prompt: 'reply: here' });
    expect(answer.text).toBe('here');
  });

  test('one that leaves and one that joins fail no request, and cut no answer that flows', async () => {
    const story = { prompt: 'tell me more', stream: true, tokens: 100 };
    const outcomes = await underLoad(gateway(), async () => {
      const flowing = askAll(gateway(), [story, story, story, story], { concurrency: 4 });
      await one.process.close();
      expect((await flowing).map(({ outcome, streamedTokens }) => [outcome, streamedTokens])).toEqual([
        ...[
          ['ok', 100],
          ['ok', 100],
          ['ok', 100],
          ['ok', 100],
        ],
      ]);
      await decidersFound(gateway(), 1);
      one = await start('one');
      await decidersFound(gateway(), 2);
    });
    expect(outcomes).toEqual(ALL_WELL);
  });

  test('a commit is held by all before any proxy names it', async () => {
    const { repository, admin } = gateway();
    const route = await repository.read(CHAT_ROUTE);
    const outcomes = await underLoad(gateway(), async () => {
      const commit = await repository.commit('another split', { [CHAT_ROUTE]: withSplit(route, 20) });
      expect(await admin.reconcile()).toMatchObject({ state: 'serving', commit: commit.id });
    });
    expect(outcomes).toEqual(ALL_WELL);
    const { live } = await admin.status();
    const followed = await waitUntil('both to go by it', async () => {
      const found = await Promise.all([one.status(), two.status()]);
      return found.every((status) => status.live === live?.digest) ? found : undefined;
    });
    expect(followed.map(({ held }) => held.includes(live?.digest ?? ''))).toEqual([true, true]);
  });

  test('one that is killed takes no more with it than what it had begun', async () => {
    const { ok, ...failed } = await underLoad(gateway(), async () => {
      await two.process.kill();
      await decidersFound(gateway(), 1, 2);
      two = await start('two', 'any port');
      await decidersFound(gateway(), 2);
    });
    expect(ok).toBeGreaterThan(0);
    const count = Object.values(failed).reduce((sum, each) => sum + each, 0);
    expect(count).toBeLessThanOrEqual(IN_FLIGHT);
  });

  test('go on while the control plane is away, also those that were started meanwhile', async () => {
    await gateway().killHeadgate();
    const outcomes = await underLoad(gateway(), async () => {
      await one.process.close();
      one = await start('one');
      await decidersFound(gateway(), 2);
    });
    expect(outcomes).toEqual(ALL_WELL);
    expect((await one.status()).controlPlane).toMatchObject({ connected: false, failure: expect.any(String) });
  });

  test('are found again by a control plane that comes back, and proxies hear nothing of it', async () => {
    const outcomes = await underLoad(gateway(), async () => {
      await gateway().restartHeadgate();
      await gateway().settled();
      await waitUntil('both to be connected', async () => {
        const found = await deciderStatuses();
        return found.length === 2 && found.every(({ state }) => state === 'asked') ? true : undefined;
      });
    });
    expect(outcomes).toEqual(ALL_WELL);
    await decidersFound(gateway(), 2);
  });
});
