import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ProcessingResponseSchema } from '../../../gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { createFrameSplitter, splitFrames } from '../../base/grpc-frame.ts';
import { encodeReplyFrames } from './reply-frames.ts';

describe('encodeReplyFrames', () => {
  test('puts each reply in its frame, in order', () => {
    const bytes = encodeReplyFrames([
      { kind: 'response-headers' },
      { kind: 'response-body', body: { kind: 'streamed', bytes: Uint8Array.of(7), endOfStream: true } },
    ]);
    const split = splitFrames(createFrameSplitter(1000), bytes);
    const cases = split.ok && split.value.map((message) => fromBinary(ProcessingResponseSchema, message).response.case);
    expect(cases).toEqual(['responseHeaders', 'responseBody']);
  });
});
