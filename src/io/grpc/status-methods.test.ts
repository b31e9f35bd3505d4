import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import type { Snapshot } from '../../core/xds/snapshot.ts';
import { NEW_STREAM, type OpenStream } from '../../core/xds/stream.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import { LoadStatsRequestSchema, LoadStatsResponseSchema } from '../../gen/envoy/service/load_stats/v3/lrs_pb.js';
import { FleetGroups } from './fleet-groups.ts';
import { statusMethods } from './status-methods.ts';

test('a proxy is asked for the load of its clusters without a look at the others', () => {
  const groups = new FleetGroups({
    secretResource: (name) => ({ typeUrl: TYPE_URL.secret, name, bytes: new Uint8Array(0) }),
    secretVersionKey: new Uint8Array(32),
  });
  let stream: OpenStream = NEW_STREAM;
  const resources = ['own', 'cloud'].map((name) => ({ typeUrl: TYPE_URL.cluster, name, bytes: new Uint8Array(0) }));
  groups.publish('edge', { revision: 'r1', resources, secretNames: [] });
  const node = { id: 'a', cluster: 'edge', metadata: {}, userAgent: 'envoy', version: undefined };
  const offer = (snapshot: Snapshot) => {
    stream = { ...NEW_STREAM, snapshot };
  };
  groups.join({ state: undefined, offer }, node, 'edge', undefined);
  let looks = 0;
  const methods = statusMethods({
    clients: () => {
      looks += 1;
      return [];
    },
    streamsOf: ({ id, cluster }) => (id === 'a' && cluster === 'edge' ? [stream] : []),
    authorize: () => undefined,
    loadReports: { intervalMs: 1_000, onReport: () => undefined },
  });
  const answers: Uint8Array[] = [];
  const receiver = present(methods.at(-1), 'the service for load reports').open({
    ...{ peer: '', headers: {}, certificateNames: '', isWriting: false },
    ...{ write: (bytes) => void answers.push(bytes), writeFrames: () => undefined },
    ...{ end: () => undefined, reset: () => undefined },
  });
  const request = create(LoadStatsRequestSchema, { node: { id: 'a', cluster: 'edge' } });
  receiver.message(toBinary(LoadStatsRequestSchema, request));
  const { clusters } = fromBinary(LoadStatsResponseSchema, present(answers[0], 'an answer'));
  expect([clusters, looks]).toEqual([['cloud', 'own'], 0]);
});
