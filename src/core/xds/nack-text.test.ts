import { expect, test } from 'vitest';
import { NACK_TEXT_CHARACTERS_MAX, namesAtFault, safeNackText } from './nack-text.ts';
import { TYPE_URL } from './type-url.ts';

test.each([
  ['one cluster', "Error adding/updating cluster(s) bad: Didn't find it", ['bad']],
  ['several clusters', 'Error adding/updating cluster(s) bad: why, worse: why, so', ['bad', 'worse']],
  ['listeners', 'Error adding/updating listener(s) bad: cannot bind\nworse: cannot bind\n', ['bad', 'worse']],
  ['a name that is the end of another', 'Error adding/updating cluster(s) not-bad: why', []],
  ['no name', 'Protobuf message (type X with unknown field set {9}) has unknown fields', []],
])('names at fault: %s', (_, text, names) => {
  expect(namesAtFault(text, ['bad', 'fine', 'worse'])).toEqual(names);
});

test.each([
  ['a plain text is kept', 'Error adding/updating cluster(s) a: why\n', 'Error adding/updating cluster(s) a: why'],
  [
    'a printed resource goes, the cause after it stays',
    'goo.gle/debugonly   \nname: "a"\nkey: "hush"\n: Proto constraint validation failed (Name: value length)',
    'Proto constraint validation failed (Name: value length)',
  ],
  [
    'a printed resource goes, the cause before it stays',
    'Unable to unpack as envoy.Cluster: goo.gle/debugstr   \nvalue: "hush"\n',
    'Unable to unpack as envoy.Cluster:',
  ],
  [
    'two printed resources',
    'a: goo.gle/debugproto\nkey: "hush"\n: first, b: goo.gle/debugproto\nkey: "hush"\n: second',
    'a: first, b: second',
  ],
])('safe text: %s', (_, text, safe) => {
  expect(safeNackText(text, TYPE_URL.cluster)).toBe(safe);
});

test('a rejected secret gives nothing away', () => {
  expect(safeNackText('Invalid key: hush', TYPE_URL.secret)).toBe('the proxy refused a secret (its text is withheld)');
});

test('a long text is cut', () => {
  const text = safeNackText('x'.repeat(10_000), TYPE_URL.cluster);
  expect(text).toBe(`${'x'.repeat(NACK_TEXT_CHARACTERS_MAX - 3)}...`);
});
