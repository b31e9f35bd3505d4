import { expect, test } from 'vitest';
import { wantsColour } from './wants-colour.ts';

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: true }, { TERM: 'dumb' }, false],
  [{}, {}, false],
  [{ isTTY: false }, {}, false],
])('%j with %j: %j', (stream, environment, expected) => {
  expect(wantsColour(stream, environment)).toBe(expected);
});
