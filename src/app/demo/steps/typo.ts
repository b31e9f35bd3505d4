import { askAll } from '../stack/ask.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';
import { CHAT_ROUTE, rollOut, timingLine } from './commit-changes.ts';

const RIGHT = 'offers: [ cloud ]';
const WRONG = 'offers: [ clout ]';

/** (g) A broken commit changes nothing. */
export const typo: Step = {
  letter: 'g',
  title: 'a commit with a typo is rejected, and everything still serves',
  run: async (stack) => {
    const before = await stack.settled();
    const route = await stack.repository.read(CHAT_ROUTE);
    const line = route.split('\n').findIndex((text) => text.includes(RIGHT)) + 1;
    const commit = await stack.repository.commit('cloud, mistyped', { [CHAT_ROUTE]: route.replace(RIGHT, WRONG) });
    const rollout = await rollOut(stack, commit);
    const after = await stack.admin.status();
    const results = await askAll(
      stack,
      Array.from({ length: 8 }, () => ({ prompt: 'reply: ok' })),
      { concurrency: 4 },
    );
    const { diagnostics } = rollout.answer;
    const repair = await rollOut(stack, await stack.repository.revert(commit.id, 'cloud, typed well'));
    return {
      did: [`${CHAT_ROUTE}, line ${line}: "${RIGHT}" becomes "${WRONG}". Then it is taken back.`],
      saw: [
        timingLine(rollout, 'the verdict'),
        '',
        ...diagnostics.trimEnd().split('\n'),
        '',
        `taken back: ${repair.answer.state}`,
      ],
      checks: [
        checkEqual('the commit is rejected', [rollout.answer.state, rollout.answer.commit], ['rejected', commit.id]),
        checkThat(
          'the diagnostic names the line and the fix',
          diagnostics.includes(`${CHAT_ROUTE}:${line}:`) && diagnostics.includes('replace with "cloud"'),
          `${CHAT_ROUTE}:${line} and: replace with "cloud"`,
          diagnostics,
        ),
        checkEqual('the live revision is the one before', after.live, before.live),
        checkEqual(
          'the proxies too',
          after.proxies.map(({ digest }) => digest),
          before.proxies.map(({ digest }) => digest),
        ),
        checkEqual(
          'every request was answered',
          results.map(({ outcome }) => outcome),
          results.map(() => 'ok'),
        ),
        checkEqual('taken back, it serves', repair.answer.state, 'serving'),
      ],
    };
  },
};
