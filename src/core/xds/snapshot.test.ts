import { expect, test } from 'vitest';
import { AssertionFailure } from '../base/assert.ts';
import { changesSince, NO_RESOURCES, nextSnapshot, type Snapshot, type TypeSnapshot } from './snapshot.ts';

const TYPE = 'type';

function next(
  previous: Snapshot | undefined,
  versions: Readonly<Record<string, string>>,
  oldestSequence = 0,
): Snapshot {
  const resources = Object.entries(versions).map(([name, version]) => ({ name, version, bytes: new Uint8Array() }));
  return nextSnapshot(previous, { revision: 'r', resources: new Map([[TYPE, resources]]) }, () => oldestSequence);
}

function typeIn(snapshot: Snapshot): TypeSnapshot {
  return snapshot.types.get(TYPE) ?? NO_RESOURCES;
}

function shownSince(snapshot: Snapshot, sequence: number): string[] {
  return changesSince(typeIn(snapshot), sequence).map((entry) => `${entry.name}@${entry.resource?.version ?? '-'}`);
}

test('changes are told since any sequence, by sequence and then by name, a removal among them', () => {
  const first = next(undefined, { b: '1', a: '1', c: '1' });
  const second = next(first, { a: '1', b: '2' });
  expect(shownSince(second, 0)).toEqual(['a@1', 'b@2', 'c@-']);
  expect(shownSince(second, 1)).toEqual(['b@2', 'c@-']);
  expect(shownSince(second, 2)).toEqual([]);
});

test('a type without a change is taken over as it is, whatever the order of its resources', () => {
  const first = next(undefined, { a: '1', b: '1' });
  const second = next(first, { b: '1', a: '1' });
  expect(typeIn(second)).toBe(typeIn(first));
  expect(second.generation).toBe(2);
});

test('earlier versions are remembered as far back as a client stands, removals too', () => {
  let snapshot = next(undefined, { a: '1', gone: '1' });
  for (const version of ['2', '3', '4']) snapshot = next(snapshot, { a: version }, 3);
  expect(typeIn(snapshot).log).toEqual([
    {
      name: 'a',
      resource: { name: 'a', version: '4', bytes: new Uint8Array() },
      sequence: 4,
      past: [{ version: '3', sequence: 3 }],
      forgotten: true,
    },
  ]);
});

test('two resources of one name are a bug of the caller', () => {
  const twice = [1, 2].map((version) => ({ name: 'a', version: `${version}`, bytes: new Uint8Array() }));
  const content = { revision: 'r', resources: new Map([[TYPE, twice]]) };
  expect(() => nextSnapshot(undefined, content)).toThrow(AssertionFailure);
});
