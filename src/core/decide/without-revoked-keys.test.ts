import { expect, test } from 'vitest';
import type { KeyRow } from '../tables/tables.ts';
import { prepareRevision } from './revision.ts';
import { withoutRevokedKeys } from './without-revoked-keys.ts';

const revision = (keys: Readonly<Record<string, KeyRow>>) =>
  prepareRevision(`sha256:${'1'.repeat(64)}`, 'commit', {
    ...{ keys, teams: {}, names: {}, models: {}, offers: {}, pools: {}, routes: [], guardrails: [] },
  });
const row = (name: string, expiresAtMs?: number): KeyRow => ({
  ...{ name, team: 'red' },
  ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
});

test.each<[string, KeyRow, KeyRow | undefined, KeyRow | undefined]>([
  ['that is gone is revoked', row('old'), undefined, undefined],
  ['that stayed is that of the old revision', row('old'), row('renamed'), row('old')],
  ['that ends earlier now ends so', row('old'), row('old', 5), row('old', 5)],
  ['that ended sooner does so still', row('old', 3), row('old', 5), row('old', 3)],
  ['that was extended is not, until the proxy follows', row('old', 3), row('old'), row('old', 3)],
])('a key %s', (_what, old, live, kept) => {
  const narrowed = withoutRevokedKeys(revision({ a: old }), revision(live === undefined ? {} : { a: live }));
  expect(narrowed.keys.get('a')).toEqual(kept);
});

test('a key that only the live revision knows decides nothing by the old one', () => {
  expect(withoutRevokedKeys(revision({}), revision({ a: row('new') })).keys).toEqual(new Map());
});
