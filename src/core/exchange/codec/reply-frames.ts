import { framePrefix, PREFIX_BYTES } from '../../base/grpc-frame.ts';
import type { ProcessingReply } from '../messages.ts';
import { expectedBytes, writeProcessingReply } from './encode-reply.ts';
import { createWriter, writeRaw, writtenBytes, writtenLength } from './wire-writer.ts';

/** Replies in order, each in its frame, as one piece of bytes. */
export function encodeReplyFrames(replies: readonly ProcessingReply[]): Uint8Array {
  let bytesExpected = 0;
  for (const reply of replies) bytesExpected += expectedBytes(reply) + PREFIX_BYTES;
  const writer = createWriter(bytesExpected);
  for (let index = replies.length - 1; index >= 0; index -= 1) {
    const before = writtenLength(writer);
    writeProcessingReply(writer, replies[index] as ProcessingReply);
    writeRaw(writer, framePrefix(writtenLength(writer) - before));
  }
  return writtenBytes(writer);
}
