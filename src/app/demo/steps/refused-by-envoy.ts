import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { askAll } from '../stack/ask.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';
import { FLEET, rollOut, timingLine, withListener } from './commit-changes.ts';

/** (h) What only Envoy can refuse: the commit is frozen. */
export const refusedByEnvoy: Step = {
  letter: 'h',
  title: 'a commit that only Envoy can refuse is frozen',
  run: async (stack, notes) => {
    const before = await stack.settled();
    const holder = createServer();
    holder.listen(0, '0.0.0.0');
    await once(holder, 'listening');
    try {
      const { port } = holder.address() as AddressInfo;
      const fleet = withListener(await stack.repository.read(FLEET), 'extra', port);
      const line = fleet.split('\n').findIndex((text) => text.includes(String(port))) + 1;
      const commit = await stack.repository.commit('a second listener', { [FLEET]: fleet });
      notes.refusedCommit = commit.id;
      const rollout = await rollOut(stack, commit);
      const after = await stack.settled();
      const results = await askAll(
        stack,
        Array.from({ length: 8 }, () => ({ prompt: 'reply: ok' })),
        { concurrency: 4 },
      );
      const { diagnostics } = rollout.answer;
      return {
        did: [`${FLEET}, line ${line}: a listener on port ${port}, which another process holds.`],
        saw: [timingLine(rollout, 'the first NACK'), '', ...diagnostics.trimEnd().split('\n')],
        checks: [
          checkEqual('the commit is frozen', [rollout.answer.state, rollout.answer.commit], ['frozen', commit.id]),
          checkThat(
            'the diagnostic names the line, and what Envoy said',
            diagnostics.includes(`${FLEET}:${line}:`) && diagnostics.includes('cannot bind'),
            `${FLEET}:${line} and: cannot bind`,
            diagnostics,
          ),
          checkEqual('the live revision is the one before', after.live, before.live),
          checkEqual(
            'every proxy is back at it',
            after.proxies.map(({ digest }) => digest),
            stack.proxies.map(() => before.live?.digest),
          ),
          checkEqual(
            'every request was answered',
            results.map(({ outcome }) => outcome),
            results.map(() => 'ok'),
          ),
        ],
      };
    } finally {
      holder.close();
    }
  },
};
