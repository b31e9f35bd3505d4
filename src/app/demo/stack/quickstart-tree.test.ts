import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { digestOfText } from '../../../core/base/digest.ts';
import { quickstartTree } from './quickstart-tree.ts';

const tree = quickstartTree({
  engines: ['127.0.0.1:1111', '127.0.0.1:2222'],
  providerUrl: 'https://localhost:3333/v1',
  key: 'hg_key',
});
const documents = (path: string) => parseAllDocuments(tree[path] ?? '').map((document) => document.toJS());

test('the places of this machine stand in the documents', () => {
  expect({
    pool: documents('pools/llama.yaml')[0].spec.endpoints,
    provider: documents('providers/cloud.yaml')[0].spec.endpoint,
    key: documents('teams/red.yaml')[1].spec,
    tests: documents('tests/chat.yaml')[0].spec.cases.flatMap(({ load }: { load?: unknown }) => load ?? []),
  }).toEqual({
    pool: { static: ['127.0.0.1:1111', '127.0.0.1:2222'] },
    provider: 'https://localhost:3333/v1',
    key: { team: 'red', hash: digestOfText('hg_key') },
    tests: [{ '127.0.0.1:1111': { down: true }, '127.0.0.1:2222': { down: true } }],
  });
});

test('comments and all other lines stay as they were written', () => {
  expect(tree['providers/cloud.yaml']).toContain(
    'secret: cloud-key # the boot settings say where the key is and to which hosts it may go',
  );
  expect(tree['routes/chat.yaml']).toContain('targets:  # tiers, tried in order');
  expect(tree['.headgateignore']).toBe('broken\n');
});
