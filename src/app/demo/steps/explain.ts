import { askOne, decisionOf } from '../stack/ask.ts';
import { runHeadgate } from '../stack/headgate-process.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';

/** (j) Why did it do that? */
export const explain: Step = {
  letter: 'j',
  title: 'headgate explain: one request of each kind',
  run: async (stack, notes) => {
    const refused = await askOne(stack, { model: 'chat-smal', prompt: 'reply: ok' });
    notes.decisions.set('refused for its model', decisionOf(refused));
    await stack.admin.records([...notes.decisions.values()]);
    const explained = await Promise.all(
      [...notes.decisions].map(async ([kind, id]) => {
        const lines = (await runHeadgate(['explain', id, '--server', stack.adminUrl()])).trimEnd().split('\n');
        return { kind, id, lines };
      }),
    );
    return {
      did: [`headgate explain ID, with the id from the header headgate-decision of ${explained.length} answers.`],
      saw: explained.flatMap(({ kind, lines }) => [`${kind}:`, ...lines.map((line) => `  ${line}`), '']),
      checks: [
        checkEqual('a request of each kind', [...notes.decisions.keys()].sort(), [
          'answered',
          'denied by a policy',
          'failed over',
          'refused for its model',
          'served by the provider',
        ]),
        ...explained.map(({ kind, id, lines }) => {
          const named = lines[0]?.includes(id) === true && lines[1]?.startsWith('commit ') === true;
          return checkThat(
            `${kind}: its id, its commit and the lines that decided`,
            named,
            `decision ${id} and its commit`,
            lines.slice(0, 2).join(' / '),
          );
        }),
      ],
    };
  },
};
