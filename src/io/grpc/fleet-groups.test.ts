import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import type { Snapshot } from '../../core/xds/snapshot.ts';
import { NEW_STREAM, type OpenStream } from '../../core/xds/stream.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { FleetGroups } from './fleet-groups.ts';

function publication(revision: string, ...names: string[]) {
  const bytes = new TextEncoder().encode(revision);
  const resources = names.map((name) => ({ typeUrl: TYPE_URL.cluster, name, bytes }));
  return { revision, resources, secretNames: [] };
}

test('what goes while a call waits for its turn is told to it afterwards', () => {
  const secretResource = (name: string) => ({ typeUrl: TYPE_URL.secret, name, bytes: new Uint8Array() });
  const groups = new FleetGroups({ secretResource, secretVersionKey: new Uint8Array(32) });
  const offered: Snapshot[] = [];
  let state: OpenStream = NEW_STREAM;
  const call = {
    get state() {
      return state;
    },
    offer: (snapshot: Snapshot) => {
      offered.push(snapshot);
      // It takes the first one at once; for the later ones it has to wait.
      if (state.snapshot === undefined) state = { ...state, snapshot };
    },
  };
  const node = { id: 'a', cluster: 'edge', metadata: {}, userAgent: 'envoy', version: undefined };
  groups.publish('edge', publication('r1', 'kept', 'gone'));
  groups.join(call, node, 'edge', undefined);
  groups.publish('edge', publication('r2', 'kept'));
  groups.publish('edge', publication('r3', 'kept'));
  const clusters = present(offered.at(-1), 'an offer').types.get(TYPE_URL.cluster);
  expect([...(clusters?.entries.values() ?? [])].map(({ name, resource }) => [name, resource !== undefined])).toEqual([
    ['gone', false],
    ['kept', true],
  ]);
});
