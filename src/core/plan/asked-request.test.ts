import { expect, test } from 'vitest';
import { summary } from '../../../test/support/decision-lab.ts';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';
import { present } from '../base/assert.ts';
import { decideAsked, readAskedRequest } from './asked-request.ts';

const loaded = fixtureRevision();

/** What the decision comes down to, or why there is none. */
function asked(request: object): string {
  const read = readAskedRequest(request);
  if (!read.ok) return read.error;
  const decided = decideAsked(loaded, read.value);
  return decided.ok ? summary(decided.value.decision) : decided.error;
}

test.each<[what: string, request: object, outcome: string]>([
  ['a request of a team', { model: 'small', team: 'red' }, 'small/own@10.0.0.2:8000 small/corp small/cloud'],
  ['a caller without a key', { model: 'small' }, 'missing-key'],
  ['a long prompt', { model: 'small', team: 'red', promptTokens: 10_001 }, 'context-exceeded'],
  [
    'as long as fits',
    { model: 'small', team: 'red', promptTokens: 10_000, load: {} },
    'small/own@10.0.0.2:8000 small/corp small/cloud',
  ],
  ['a form that no offer has', { model: 'small', team: 'red', jsonSchema: true }, 'no-candidate'],
  [
    'engines that are down',
    {
      model: 'small',
      team: 'red',
      load: { '10.0.0.1:8000': { down: true }, '10.0.0.2:8000': { down: true }, '10.0.0.3:8000': { waiting: 9 } },
    },
    'small/own@10.0.0.3:8000 small/corp small/cloud',
  ],
  ['an unknown team', { model: 'small', team: 'green' }, 'there is no team "green"'],
  [
    'an unknown engine',
    { model: 'small', team: 'red', load: { '10.9.9.9:8000': { waiting: 1 } } },
    'there is no engine "10.9.9.9:8000"',
  ],
  ['no model', {}, 'model: Invalid input: expected string, received undefined'],
  ['an unknown member', { model: 'small', prompt: 'x' }, 'Unrecognized key: "prompt"'],
])('%s', (_what, request, outcome) => {
  expect(asked(request)).toBe(outcome);
});

test('a prompt has as many tokens as were asked for', () => {
  const read = readAskedRequest({ model: 'small', team: 'red', promptTokens: 900, stream: true, tools: true });
  const decided = read.ok ? decideAsked(loaded, read.value) : undefined;
  const { record } = present(decided?.ok === true ? decided.value.decision : undefined, 'a decision');
  expect([record.request.promptTokens, record.request.needs]).toEqual([900, ['streaming', 'tools']]);
});
