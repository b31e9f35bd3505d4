import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSnapshot } from './snapshot.ts';
import { TYPE_URL } from './type-url.ts';
import { findEntry, versionTable } from './version-table.ts';

/** A map entry as protobuf writes it, for texts below 128 bytes. */
function entry(name: string, version: string): Uint8Array {
  const utf8 = new TextEncoder();
  const [key, value] = [utf8.encode(name), utf8.encode(version)];
  return Uint8Array.from([0x0a, key.length, ...key, 0x12, value.length, ...value]);
}

test('an entry is found where name and version are those of the snapshot, and nowhere else', () => {
  const texts = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 40 });
  fc.assert(
    fc.property(texts, fc.constantFrom('v1', '', 'a-longer-version'), (names, version) => {
      const resources = names.map((name) => ({ name, version, bytes: new Uint8Array() }));
      const { types } = nextSnapshot(undefined, { revision: 'r', resources: new Map([[TYPE_URL.cluster, resources]]) });
      const type = types.get(TYPE_URL.cluster);
      if (type === undefined) throw new Error('the type is there');
      const table = versionTable(type);
      const found = (bytes: Uint8Array) => findEntry(table, new DataView(bytes.buffer), 0, bytes.length);
      const indices = names.map((name) => found(entry(name, version)));
      expect(indices.toSorted((left, right) => left - right)).toEqual(names.map((_, index) => index));
      expect(names.map((name) => found(entry(name, 'v2')))).toEqual(names.map(() => -1));
      expect(found(entry('a name that is far too long to be there', version))).toBe(-1);
    }),
  );
});
