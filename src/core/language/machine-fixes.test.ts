import { expect, test } from 'vitest';
import { applyEdits } from '../diagnostics/apply-edits.ts';
import { compileTree } from './compile-tree.ts';

function fixed(text: string): string {
  const { diagnostics } = compileTree([{ path: 'a.yaml', text }], undefined, () => []);
  return applyEdits(
    text,
    diagnostics.flatMap((item) => item.fix ?? []),
  );
}

const team = (models: string) => `apiVersion: headgate.dev/v1\nkind: Team\nmetadata: { name: red }\nspec: ${models}\n`;
const model = 'apiVersion: headgate.dev/v1\nkind: Model\nmetadata: { name: chat-small }\n---\n';

test.each<[string, string, string]>([
  ['a key', team('{ modles: [ "*" ] }'), team('{ models: [ "*" ] }')],
  ['a key in quotes', team('{ "modles": [ "*" ] }'), team('{ models: [ "*" ] }')],
  ['a name', model + team('{ models: [ chat-smal ] }'), model + team('{ models: [ chat-small ] }')],
  ['a lone value where a list is wanted', team('{ models: "*" }'), team('{ models: [ "*" ] }')],
  ['an entry that stands twice', team('{ models: [ "*", "*" ] }'), team('{ models: [ "*" ] }')],
  ['entries that stand twice on lines of their own stay', team('\n  - "*"\n  - "*"'), team('\n  - "*"\n  - "*"')],
  ['a kind', 'apiVersion: headgate.dev/v1\nkind: Teem\n', 'apiVersion: headgate.dev/v1\nkind: Team\n'],
  ['a version', 'apiVersion: headgate/v1\nkind: Team\n', 'apiVersion: headgate.dev/v1\nkind: Team\n'],
  ['no version', '# red\nkind: Team\n', '# red\napiVersion: headgate.dev/v1\nkind: Team\n'],
  ['no version in a flow mapping', '{ kind: Team }\n', '{ kind: Team }\n'],
  [
    'a suppression of nothing',
    `${team('{ models: [ "*" ] } # headgate:allow HG3302 until 2027-06-30: x')}`,
    team('{ models: [ "*" ] }'),
  ],
  [
    'one on a line of its own',
    `# headgate:allow HG3302 until 2027-06-30: x\n${team('{ models: [ "*" ] }')}`,
    team('{ models: [ "*" ] }'),
  ],
])('%s', (_what, text, expected) => {
  expect(fixed(text)).toBe(expected);
});
