import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { LoadStatsRequestSchema } from '../../gen/envoy/service/load_stats/v3/lrs_pb.js';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { loadStatsMethod } from './load-stats-method.ts';

test('a report of a node that tells too much of itself is refused', () => {
  const { open } = loadStatsMethod({
    ...{ intervalMs: 1_000, onReport: () => undefined, authorize: () => undefined, clusterNames: () => [] },
  });
  const ends: number[] = [];
  const receiver = open({
    ...{ peer: '', headers: {}, certificateNames: '', isWriting: false },
    ...{ write: () => undefined, writeFrames: () => undefined, reset: () => undefined },
    end: (status) => void ends.push(status),
  });
  const node = { id: 'a', metadata: { note: 'x'.repeat(64 * 1024) } };
  receiver.message(toBinary(LoadStatsRequestSchema, create(LoadStatsRequestSchema, { node })));
  expect(ends).toEqual([GRPC_STATUS.invalidArgument]);
});
