import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

test.each([
  ['gpt-4o-mimi', ['gpt-4o', 'gpt-4o-mini', 'llama'], 'gpt-4o-mini'],
  ['chat-samll', ['chat-next', 'chat-small'], 'chat-small'],
  ['tems', ['teams', 'team'], 'teams'],
  ['MODEL', ['model'], 'model'],
  ['banana', ['teams', 'models'], undefined],
  ['', ['teams'], undefined],
  ['x'.repeat(10_000), ['y'], undefined],
])('%s among %j means %s', (mistyped, known, nearest) => {
  expect(nearestName(mistyped, known)).toBe(nearest);
});
