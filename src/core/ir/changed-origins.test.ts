import { expect, test } from 'vitest';
import { changedOrigins } from './changed-origins.ts';

const at = (line: number) => ({ file: 'a.yaml', line, column: 1 });
const route = (name: string, attempts: number, line: number) => ({ name, attempts, origin: at(line) });

test('what was added or says something else has changed, what was moved has not', () => {
  const before = { routes: [route('a', 1, 1), route('b', 1, 5), route('c', 1, 9)] };
  const after = { routes: [route('a', 1, 1), route('b', 2, 5), route('c', 1, 10), route('d', 1, 20)] };
  expect(changedOrigins(before, after)).toEqual(new Set(['a.yaml:5:1', 'a.yaml:20:1']));
});

test('a part inside another one is found by itself, without the one around it', () => {
  const pool = (address: string) => ({
    ...{ name: 'gpus', origin: at(1) },
    engines: [
      { address: '10.0.0.1:80', origin: at(3) },
      { address, origin: at(4) },
    ],
  });
  const changed = changedOrigins({ pools: [pool('10.0.0.2:80')] }, { pools: [pool('10.0.0.9:80')] });
  expect(changed).toEqual(new Set(['a.yaml:4:1']));
});

test('what a user called origin is no place', () => {
  expect(changedOrigins({}, { headers: { origin: 'https://example.com' } })).toEqual(new Set());
});
