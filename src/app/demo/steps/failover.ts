import { askAll, askOne, decisionOf } from '../stack/ask.ts';
import { checkEqual, type Step } from '../step.ts';

const REQUESTS = 8;

/** (e) All own GPUs are gone: the provider serves, under its own names. */
export const failover: Step = {
  letter: 'e',
  title: 'all own GPUs down: the provider serves',
  run: async (stack, notes) => {
    const { engines, provider } = stack;
    const before = provider.requests.length;
    await Promise.all(engines.addresses.map((address) => engines.at(address).kill()));
    const asks = Array.from({ length: REQUESTS }, (_, index) => ({
      prompt: `reply: cloud ${index}`,
      stream: index % 4 > 1,
    }));
    const results = await askAll(stack, asks, { concurrency: REQUESTS });
    const records = await stack.admin.records(results.map(decisionOf));
    notes.decisions.set('served by the provider', decisionOf(results[0] ?? { headers: {} }));
    const seen = provider.requests.slice(before);
    await Promise.all(engines.addresses.map((address) => engines.restart(address)));
    await stack.settled();
    const back = await askOne(stack, { prompt: 'reply: home' });
    const [home] = await stack.admin.records([decisionOf(back)]);
    return {
      did: [
        `All engines are killed, ${REQUESTS} requests follow at once, plain and streamed. Then the engines are started again.`,
      ],
      saw: [
        `the provider at ${seen[0]?.serverName} saw ${seen.length} requests for ${[...new Set(seen.map(({ model }) => model))].join(', ')}, with the key of the boot settings`,
        `after ${[...new Set(records.map(({ outcome }) => outcome?.served?.attempt))].sort().join(', ')} attempts; with the engines back: ${home?.outcome?.served?.offer}`,
      ],
      checks: [
        checkEqual(
          'every request was answered',
          results.map(({ outcome, text }) => `${outcome}: ${text}`),
          asks.map((_, index) => `ok: cloud ${index}`),
        ),
        checkEqual(
          'all by the offer of the provider',
          records.map(({ outcome }) => outcome?.served?.offer),
          asks.map(() => 'chat-small/cloud'),
        ),
        checkEqual(
          'under the name that the model has there, with the provider’s key',
          seen.map(({ model, headers }) => [model, headers.authorization === `Bearer ${stack.providerKey}`]),
          asks.map(() => ['cloud-small-1', true]),
        ),
        checkEqual(
          'nothing of headgate’s own reached it',
          seen.filter((request) => JSON.stringify(request).match(/hg_|headgate/i)).length,
          0,
        ),
        checkEqual('with the engines back, own GPUs serve again', home?.outcome?.served?.offer, 'chat-small/own'),
      ],
    };
  },
};
