import { randomInt } from 'node:crypto';
import { present } from '../../../core/base/assert.ts';
import { sample } from '../../../core/policy/detectors/samples.ts';
import { askOne, decisionOf, errorCodeOf } from '../stack/ask.ts';
import { checkEqual, checkThat, type Step } from '../step.ts';

const POLICY = 'policies/guardrails/secrets/secrets.rego';

/** (b) A guardrail in Rego refuses a credential, and says by which line. */
export const secret: Step = {
  letter: 'b',
  title: 'a prompt that holds an AWS key is denied',
  run: async (stack, notes) => {
    const specimen = present(sample('aws-access-key', randomInt(2 ** 31)), 'a specimen');
    const before = await requestsSeen(stack.engines.addresses.map((address) => stack.engines.at(address)));
    const result = await askOne(stack, { prompt: `deploy it with ${specimen} please` });
    const after = await requestsSeen(stack.engines.addresses.map((address) => stack.engines.at(address)));
    const id = decisionOf(result);
    notes.decisions.set('denied by a policy', id);
    await stack.admin.records([id]);
    const explained = await stack.admin.explain(id);
    const rule = explained.places.find(({ what }) => what.startsWith('rule deny'));
    const policy = (await stack.repository.read(POLICY)).split('\n');
    const line = policy.findIndex((text) => text.includes('"secret-found"')) + 1;
    return {
      did: ['A prompt with a specimen of an AWS access key, made a moment ago and worth nothing.'],
      saw: [
        `${result.status} ${result.text}`,
        ...explained.lines.filter((text) => text.startsWith('policy') || text.startsWith('because   rule')),
      ],
      checks: [
        checkEqual(
          'the answer is a 403 with the code of the policy',
          [result.status, errorCodeOf(result)],
          [403, 'secret-found'],
        ),
        checkEqual(
          'the record names the line of the rule, and its commit',
          { file: rule?.origin.file, line: rule?.origin.line, commit: rule?.lastChange?.commit },
          { file: POLICY, line, commit: stack.firstCommit.id },
        ),
        checkThat(
          'no word of the prompt is in the record',
          !JSON.stringify(explained).includes(specimen),
          'no specimen',
          'the record',
        ),
        checkEqual('no engine heard of it', after, before),
      ],
    };
  },
};

async function requestsSeen(engines: readonly { readonly requests: () => Promise<readonly unknown[]> }[]) {
  const seen = await Promise.all(engines.map((engine) => engine.requests()));
  return seen.map((requests) => requests.length);
}
