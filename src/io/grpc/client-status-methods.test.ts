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

test('questions have little time: nodes, what is asked of them, and resources count', () => {
  let nowMs = 0;
  const node = { id: 'a', cluster: '', metadata: {}, userAgent: 'envoy', version: undefined };
  let lookedUp = 0;
  const clients = () => {
    lookedUp += 1;
    return Array.from({ length: 10_000 }, () => ({ node, streams: [] }));
  };
  const [method] = clientStatusMethods(clients, () => nowMs);
  const ask = (bytes: Uint8Array): number | undefined => {
    const { call, ends, read } = unreadCall();
    present(method, 'the single answer').open(call).message(bytes);
    if (ends.length === 0) read();
    return ends[0];
  };
  const { ok, resourceExhausted } = GRPC_STATUS;
  const nodeId = { matchPattern: { case: 'exact' as const, value: 'x'.repeat(4_000) } };
  const long = toBinary(ClientStatusRequestSchema, create(ClientStatusRequestSchema, { nodeMatchers: [{ nodeId }] }));
  // Ten thousand looks each, and one more.
  expect([1, 2, 3, 4, 5].map(() => ask(QUESTION))).toEqual([ok, ok, ok, ok, resourceExhausted]);
  lookedUp = 0;
  expect([ask(QUESTION), lookedUp]).toEqual([resourceExhausted, 0]);
  nowMs += 1_900;
  expect(ask(QUESTION)).toBe(ok);
  nowMs += 60_000;
  expect(ask(long)).toBe(resourceExhausted);
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
