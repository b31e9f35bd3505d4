import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerEntries, headerList, headerValue, headerValues } from './header-list.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'x-', 'é', '日', '🙂', ' ', '{', '"'), maxLength: 80 });
const headers = fc.array(fc.tuple(text, text), { maxLength: 30 });

describe('HeaderList', () => {
  const list = headerList([
    [':path', '/v1/chat/completions'],
    ['x-tag', 'one'],
    ['content-type', 'application/json'],
    ['x-tag', 'zwei ü'],
  ]);

  test('gives values by name', () => {
    expect({
      path: headerValue(list, ':path'),
      first: headerValue(list, 'x-tag'),
      all: headerValues(list, 'x-tag'),
      none: headerValue(list, 'x-ta'),
      noValues: headerValues(list, 'y-tag'),
    }).toEqual({ path: '/v1/chat/completions', first: 'one', all: ['one', 'zwei ü'], none: undefined, noValues: [] });
  });

  test('finds every header that it was made of', () => {
    fc.assert(
      fc.property(headers, (pairs) => {
        const made = headerList(pairs);
        expect(headerEntries(made)).toEqual(pairs);
        const ascii = pairs.filter(([name]) => /^[\x20-\x7e]*$/.test(name));
        expect(ascii.map(([name]) => headerValue(made, name))).toEqual(
          ascii.map(([name]) => pairs.find(([other]) => other === name)?.[1]),
        );
      }),
    );
  });
});
