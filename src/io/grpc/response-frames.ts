import { framePrefix, PREFIX_BYTES } from '../../core/base/grpc-frame.ts';
import type { Reply } from '../../core/xds/stream.ts';
import type { XdsVariant } from './xds-variant.ts';

/** The responses of one step as they go over the wire. */
export interface ResponseFrames {
  /** In order: a frame may go over several pieces, and one piece may hold several frames. */
  readonly pieces: readonly Uint8Array[];
  readonly responses: number;
  readonly resources: number;
  readonly bytes: number;
}

/** Below this the responses are put together: one write costs less than several. */
const JOINED_BYTES_MAX = 64 * 1024;

const known = new WeakMap<readonly Reply[], ResponseFrames>();

/** Steps that are shared (`sharedStep`) give the same replies to many streams: they are written once. */
export function responseFrames(replies: readonly Reply[], write: XdsVariant['write'], by: string): ResponseFrames {
  const before = known.get(replies);
  if (before !== undefined) return before;
  const pieces: Uint8Array[] = [];
  let resources = 0;
  let bytes = 0;
  for (const reply of replies) {
    const message = write(reply, by);
    const length = message.reduce((sum, piece) => sum + piece.length, 0);
    pieces.push(framePrefix(length), ...message);
    resources += reply.resources.length;
    bytes += PREFIX_BYTES + length;
  }
  const isJoined = bytes <= JOINED_BYTES_MAX;
  const frames = { pieces: isJoined ? [Buffer.concat(pieces)] : pieces, responses: replies.length, resources, bytes };
  known.set(replies, frames);
  return frames;
}
