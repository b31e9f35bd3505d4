import { askAll, decisionOf } from '../stack/ask.ts';
import { checkEqual, type Step } from '../step.ts';

const SAID = 'The gateway works.';

/** (a) The plain case, through every proxy. */
export const chat: Step = {
  letter: 'a',
  title: 'chat, plain and streamed, answered through Envoy',
  run: async (stack, notes) => {
    const prompt = `reply: ${SAID}`;
    const asks = stack.proxies.flatMap(() => [{ prompt }]);
    const plain = await askAll(stack, asks, { concurrency: asks.length });
    const streamed = await askAll(
      stack,
      asks.map((ask) => ({ ...ask, stream: true })),
      { concurrency: asks.length },
    );
    const all = [...plain, ...streamed];
    const records = await stack.admin.records(all.map(decisionOf));
    notes.decisions.set('answered', decisionOf(all[0] ?? { headers: {} }));
    return {
      did: [
        `One plain and one streamed request through each of ${stack.proxies.length} Envoys, with the key of team red.`,
      ],
      saw: records.map(({ request, outcome }) => {
        const { served, usage, totalMs } = outcome ?? {};
        const tokens = `${usage?.inputTokens} + ${usage?.outputTokens} tokens ${usage?.source}`;
        return `${request.stream === true ? 'stream' : 'plain '}  ${served?.offer} at ${served?.address}  ${tokens}  ${totalMs} ms`;
      }),
      checks: [
        checkEqual(
          'every answer is complete and says what the engine said',
          texts(all),
          texts(all.map(() => ({ outcome: 'ok', text: SAID }))),
        ),
        checkEqual(
          'every answer names the model that served',
          all.map(({ headers }) => headers['headgate-model']),
          all.map(() => 'chat-small'),
        ),
        checkEqual(
          'streams came in several pieces',
          streamed.map(({ streamedTokens = 0 }) => streamedTokens > 1),
          streamed.map(() => true),
        ),
        checkEqual(
          'every request has its record, with usage as the engine reported it',
          records.map(({ outcome }) => [outcome?.kind, outcome?.usage?.source]),
          all.map(() => ['answered', 'reported']),
        ),
      ],
    };
  },
};

function texts(results: readonly { readonly outcome: string; readonly text: string }[]): string[] {
  return results.map(({ outcome, text }) => `${outcome}: ${text}`);
}
