import { present } from '../../../core/base/assert.ts';
import { checkEqual, type Step } from '../step.ts';
import { rollOut, timingLine } from './commit-changes.ts';
import { askSessions, countOfNext } from './split.ts';

const SESSIONS = 50;

/** (i) `git revert`, and the fleet is back. */
export const revert: Step = {
  letter: 'i',
  title: 'git revert: back',
  run: async (stack, notes) => {
    const split = present(notes.split, 'the commit of the split');
    const refused = present(notes.refusedCommit, 'the commit that Envoy refused');
    const during = await askSessions(stack, SESSIONS);
    const first = await rollOut(stack, await stack.repository.revert(refused, 'Revert "a second listener"'));
    const commit = await stack.repository.revert(split.commit, 'Revert "a fifth of the chat goes to chat-next"');
    const second = await rollOut(stack, commit);
    const after = await stack.admin.status();
    const back = await askSessions(stack, SESSIONS);
    return {
      did: ['git revert of the commit that Envoy refused, then of the split.'],
      saw: [
        `${timingLine(first, 'the verdict')}: nothing to send, the proxies have it`,
        timingLine(second, 'the last ACK'),
        `of ${SESSIONS} sessions chat-next served ${countOfNext(during)} before and ${countOfNext(back)} after`,
      ],
      checks: [
        checkEqual('both serve', [first.answer.state, second.answer.state], ['serving', 'serving']),
        checkEqual(
          'the revision is the very one from before the split',
          [after.live?.digest, after.live?.commit],
          [split.digestBefore, commit.id],
        ),
        checkEqual(
          'every proxy acknowledged it',
          after.proxies.map(({ digest }) => digest),
          stack.proxies.map(() => split.digestBefore),
        ),
        checkEqual('chat-next served before', countOfNext(during) > 0, true),
        checkEqual('chat-next serves no more', countOfNext(back), 0),
      ],
    };
  },
};
