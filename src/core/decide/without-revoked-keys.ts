import type { KeyRow } from '../tables/tables.ts';
import type { Revision } from './revision.ts';

/**
 * A revision that serves no longer, with the keys of the one that does: a proxy may still decide by the old one, when it
 * lost its control plane or its wave has not come, and a key that was revoked must not outlive that. A key that both know
 * is the old one's, but for an earlier end that the live one gives it.
 */
export function withoutRevokedKeys(old: Revision, live: Revision): Revision {
  const keys = [...old.keys].flatMap(([hash, row]): [string, KeyRow][] => {
    const current = live.keys.get(hash);
    return current === undefined ? [] : [[hash, endingWith(row, current)]];
  });
  return { ...old, keys: new Map(keys) };
}

function endingWith(row: KeyRow, { expiresAtMs }: KeyRow): KeyRow {
  if (expiresAtMs === undefined || (row.expiresAtMs ?? Number.POSITIVE_INFINITY) <= expiresAtMs) return row;
  return { ...row, expiresAtMs };
}
