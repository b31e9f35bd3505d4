import type { LoadResult } from '../../../sim/load/send-load.ts';
import { askAll } from '../stack/ask.ts';
import type { DemoStack } from '../stack/demo-stack.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';
import { CHAT_ROUTE, rollOut, timingLine, withSplit } from './commit-changes.ts';

const PERCENT = 20;
const REQUESTS = 400;
const CONCURRENCY = 16;
/** The standard deviation of a count of REQUESTS draws, three times. */
const DEVIATION_MAX = 3 * Math.sqrt(REQUESTS * (PERCENT / 100) * (1 - PERCENT / 100));

/** (f) Routing changes by a commit. */
export const split: Step = {
  letter: 'f',
  title: `a commit sends ${PERCENT} % of the traffic to another model`,
  run: async (stack, notes) => {
    const { live } = await stack.settled();
    const route = await stack.repository.read(CHAT_ROUTE);
    const commit = await stack.repository.commit('a fifth of the chat goes to chat-next', {
      [CHAT_ROUTE]: withSplit(route, PERCENT),
    });
    const rollout = await rollOut(stack, commit);
    const proxies = (await stack.admin.status()).proxies.map(({ digest }) => digest);
    notes.split = { commit: commit.id, digestBefore: live?.digest ?? '' };
    const results = await askSessions(stack, REQUESTS);
    const expected = (REQUESTS * PERCENT) / 100;
    const seen = countOfNext(results);
    return {
      did: [
        `${CHAT_ROUTE}: the own tier becomes a split of ${100 - PERCENT} to chat-small and ${PERCENT} to chat-next.`,
        `Then ${REQUESTS} requests of ${REQUESTS} sessions.`,
      ],
      saw: [
        timingLine(rollout, 'the last ACK'),
        `chat-next served ${seen} of ${REQUESTS}: ${((100 * seen) / REQUESTS).toFixed(1)} %`,
      ],
      checks: [
        checkEqual('the commit serves', [rollout.answer.state, rollout.answer.commit], ['serving', commit.id]),
        checkEqual(
          'every proxy acknowledged it',
          proxies,
          stack.proxies.map(() => rollout.answer.digest),
        ),
        checkEqual('every request was answered', results.filter(({ outcome }) => outcome !== 'ok').length, 0),
        checkThat(
          'the share is the one of the commit',
          Math.abs(seen - expected) <= DEVIATION_MAX,
          `${expected} of ${REQUESTS}, give or take ${DEVIATION_MAX}`,
          seen,
        ),
      ],
    };
  },
};

/** One short request of each of so many sessions: the same sessions each time, and a session stays on its arm. */
export function askSessions(stack: DemoStack, sessions: number): Promise<LoadResult[]> {
  const asks = Array.from({ length: sessions }, (_, index) => ({
    prompt: 'reply: ok',
    tokens: 2,
    session: `session-${index}`,
  }));
  return askAll(stack, asks, { concurrency: CONCURRENCY });
}

export function countOfNext(results: readonly LoadResult[]): number {
  return results.filter(({ headers }) => headers['headgate-model'] === 'chat-next').length;
}
