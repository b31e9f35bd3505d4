import { expect, test } from 'vitest';
import { fixtureText, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { effectiveDocument } from './effective-document.ts';
import { readTree } from './read-tree.ts';
import { createTreeMemory } from './tree-memory.ts';

function effective(name: string, text = fixtureText()): string {
  const tree = readTree([{ path: 'fixture.yaml', bytes: new TextEncoder().encode(text) }], [], createTreeMemory());
  const found = effectiveDocument(tree, name);
  return found.ok ? found.value : found.error;
}

test('a document has every default', () => {
  expect(effective('Route/chat').split('\n')).toEqual([
    '# fixture.yaml',
    'apiVersion: headgate.dev/v1',
    'kind: Route',
    'metadata:',
    '  name: chat',
    'spec:',
    '  match:',
    '    models:',
    '      - small',
    '    teams:',
    '      - "*"',
    '    labels: {}',
    '    headers: {}',
    '  require: {}',
    '  targets:',
    '    - offers:',
    '        - own',
    '      order: listed',
    '    - offers:',
    '        - corp',
    '        - cloud',
    '      order: listed',
    '  retry:',
    '    attempts: 3',
    '    on:',
    '      - connect',
    '      - reset',
    '      - 5xx',
    '      - "429"',
    '      - timeout',
    '  timeouts:',
    '    headers: 10s',
    '    answer: 2m',
    '    idle: 60s',
    '    total: 10m',
    '  body:',
    '    max: 8MiB',
    '',
  ]);
});

test('what is printed means the same, and is printed again as it is', () => {
  const text = effective('route/chat');
  expect(effective('route/chat', text)).toBe(text);
});

test.each([
  ['another name', 'route/chta', fixtureText(), 'there is no document "route/chta": did you mean "route/chat"?'],
  ['no name', 'x', '', 'there is no document "x": write KIND/NAME, such as route/chat'],
  [
    'a document with a mistake',
    'route/bad',
    `${ROUTE}\n---\n${routeDocument('bad', 'match: 1')}`,
    'there is no document "route/bad": did you mean "route/chat"? Some documents have mistakes: headgate validate tells them.',
  ],
])('%s', (_what, name, text, message) => {
  expect(effective(name, text)).toBe(message);
});
