import { failed, ok, type Result } from './result.ts';

/**
 * gRPC's length-prefixed messages (grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html): one byte that says
 * whether the message is compressed, four bytes length, the message.
 */
export const PREFIX_BYTES = 5;

/** The bytes of a message that has not arrived whole. */
export interface FrameSplitter {
  readonly messageBytesMax: number;
  /** Room for a message that came in pieces; what is left over behind it is copied out. */
  readonly room: (bytes: number) => Uint8Array;
  pieces: Uint8Array[];
  pieceBytes: number;
}

/** @param room where given, may give the same bytes again, for receivers that are done with a message at once */
export function createFrameSplitter(
  messageBytesMax: number,
  room: FrameSplitter['room'] = (bytes) => new Uint8Array(bytes),
): FrameSplitter {
  return { messageBytesMax, room, pieces: [], pieceBytes: 0 };
}

/** `compressed`: we offer no compression. `too-large`: the prefix names more than `messageBytesMax` bytes. */
export type FrameFault = 'compressed' | 'too-large';

/**
 * Takes the next bytes of a stream and gives the messages that are whole now; the splitter keeps the rest. A message that
 * arrived in one piece is a view of it. After a fault the stream is of no more use.
 */
export function splitFrames(splitter: FrameSplitter, piece: Uint8Array): Result<Uint8Array[], FrameFault> {
  const messages: Uint8Array[] = [];
  let bytes = splitter.pieceBytes === 0 ? piece : undefined;
  if (bytes === undefined) {
    splitter.pieces.push(piece);
    splitter.pieceBytes += piece.length;
    if (splitter.pieceBytes < wantedBytes(splitter)) return ok(messages);
    bytes = joined(splitter);
  }
  let at = 0;
  while (bytes.length - at >= PREFIX_BYTES) {
    if (bytes[at] !== 0) return failed('compressed');
    const messageBytes = lengthAt(bytes, at);
    if (messageBytes > splitter.messageBytesMax) return failed('too-large');
    const end = at + PREFIX_BYTES + messageBytes;
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at + PREFIX_BYTES, end));
    at = end;
  }
  splitter.pieces = at === bytes.length ? [] : [bytes === piece ? bytes.subarray(at) : bytes.slice(at)];
  splitter.pieceBytes = bytes.length - at;
  return ok(messages);
}

/** True when no message is cut off: a stream may end only so. */
export function isBetweenFrames(splitter: FrameSplitter): boolean {
  return splitter.pieceBytes === 0;
}

/** How many bytes the first unfinished message has with its prefix, as far as they say. */
function wantedBytes(splitter: FrameSplitter): number {
  const first = splitter.pieces[0] as Uint8Array;
  return first.length >= PREFIX_BYTES ? PREFIX_BYTES + lengthAt(first, 0) : PREFIX_BYTES;
}

function joined(splitter: FrameSplitter): Uint8Array {
  const whole = splitter.room(splitter.pieceBytes);
  let at = 0;
  for (const piece of splitter.pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const high = (bytes[at + 1] as number) * 0x100_0000;
  return high + (((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number));
}

/** The prefix of a message of so many bytes, uncompressed. */
export function framePrefix(messageBytes: number): Uint8Array {
  return Uint8Array.of(0, messageBytes >>> 24, messageBytes >>> 16, messageBytes >>> 8, messageBytes);
}

/** A message in its frame, copied. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.length);
  frame.set(framePrefix(message.length));
  frame.set(message, PREFIX_BYTES);
  return frame;
}
