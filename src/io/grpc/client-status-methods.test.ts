import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { ClientStatusRequestSchema } from '../../gen/beside_envoy/csds_pb.js';
import type { GrpcCall } from '../net/grpc-method.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { clientStatusMethods } from './client-status-methods.ts';

/** Two thirds of what may be on its way. */
const ANSWER_BYTES = 43 * 1024 * 1024;
const QUESTION = toBinary(ClientStatusRequestSchema, create(ClientStatusRequestSchema));

const [fetchMethod, streamMethod] = clientStatusMethods(() => [
  {
    node: {
      id: 'a',
      cluster: '',
      metadata: { note: 'x'.repeat(ANSWER_BYTES) },
      userAgent: 'envoy',
      version: undefined,
    },
    streams: [],
  },
]);

/** A call of a client that reads when `read` says so. */
function unreadCall() {
  const flushes: (() => void)[] = [];
  const ends: number[] = [];
  const call: GrpcCall = {
    ...{ peer: '', headers: {}, certificateNames: '', isWriting: false },
    write: (_bytes, onFlushed) => flushes.push(() => onFlushed?.()),
    writeFrames: () => undefined,
    end: (status) => ends.push(status),
    reset: () => undefined,
  };
  return { call, ends, read: () => present(flushes.shift(), 'an answer')() };
}

test('answers that nobody reads do not gather, on one call or on several', () => {
  const [first, second, third] = [unreadCall(), unreadCall(), unreadCall()];
  const stream = present(streamMethod, 'the stream').open(first.call);
  stream.message(QUESTION);
  stream.message(QUESTION);
  present(fetchMethod, 'the single answer').open(second.call).message(QUESTION);
  expect([first.ends, second.ends]).toEqual([[GRPC_STATUS.resourceExhausted], [GRPC_STATUS.resourceExhausted]]);
  stream.closed('ended');
  present(fetchMethod, 'the single answer').open(third.call).message(QUESTION);
  expect(third.ends).toEqual([]);
  third.read();
  expect(third.ends).toEqual([GRPC_STATUS.ok]);
});

test('a stream goes on when its answers are read, and ends behind the last one', () => {
  const { call, ends, read } = unreadCall();
  const stream = present(streamMethod, 'the stream').open(call);
  stream.message(QUESTION);
  read();
  stream.message(QUESTION);
  stream.halfClosed();
  expect(ends).toEqual([]);
  read();
  expect(ends).toEqual([GRPC_STATUS.ok]);
});
