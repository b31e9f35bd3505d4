import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import {
  createFrameSplitter,
  type FrameSplitter,
  framed,
  framePrefix,
  isBetweenFrames,
  splitFrames,
} from '../../core/base/grpc-frame.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import type { GrpcCall, GrpcFailure, GrpcMethod, GrpcReceiver } from './grpc-method.ts';
import { answerStatus, GRPC_STATUS, type GrpcEnd, type GrpcStatus, openAnswer } from './grpc-reply.ts';

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly peer: string;
  readonly certificateNames: string;
  readonly limits: GrpcLimits;
  /** The time of the last sweep: good enough for limits of seconds, and free. */
  readonly nowMs: number;
  /** Something came from the peer. */
  heard(): void;
  failed(code: GrpcFailure['code']): void;
}

/** How long a peer may take to take the status of its call before the stream is reset. */
const STATUS_GRACE_MS = 1_000;

/** Below this a copy costs less than a second write. */
const COPIED_BYTES_MAX = 4_096;

/** A request of a proxy that lists thousands of versions; larger ones get memory of their own. */
const SHARED_ROOM_BYTES = 1024 * 1024;

let room: Uint8Array | undefined;

/** One buffer for the large messages of all calls, which are taken one after the other. */
function sharedRoom(bytes: number): Uint8Array {
  if (bytes > SHARED_ROOM_BYTES) return new Uint8Array(bytes);
  room ??= new Uint8Array(SHARED_ROOM_BYTES);
  return room.subarray(0, bytes);
}

/** One call on one HTTP/2 stream: frames in both directions, and the limits of time and number. */
export class GrpcStream implements GrpcCall {
  readonly headers: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  readonly #host: StreamHost;
  readonly #splitter: FrameSplitter;
  readonly #receiver: GrpcReceiver | undefined;
  #end: GrpcEnd | undefined;
  #unflushed = 0;
  #oldestWriteMs = 0;
  /** Since when a message is awaited that has not come whole. */
  #awaitedSinceMs: number | undefined;
  #messagesInSecond = 0;
  /** Messages above the limit of this second; the stream is not read meanwhile. */
  #delayed: Uint8Array[] | undefined;
  #resetAtMs = 0;
  /** At the last sweep. */
  #wasClosed = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, method: GrpcMethod, host: StreamHost) {
    this.headers = headers;
    this.#stream = stream;
    this.#host = host;
    this.#splitter = createFrameSplitter(method.requestBytesMax, method.isDoneAtOnce ? sharedRoom : undefined);
    this.#awaitedSinceMs = host.nowMs;
    stream.on('data', (piece: Uint8Array) => this.#receive(piece));
    stream.on('end', () => this.#peerEnded());
    stream.on('error', () => {
      // 'close' follows and says all there is
    });
    stream.on('close', () => this.#vanish('cancelled by the client or connection lost'));
    const receiver = method.open(this);
    // A call that was refused in `open` is over before it has a receiver.
    if (this.#end === undefined) this.#receiver = receiver;
    else receiver.closed('refused');
  }

  get peer(): string {
    return this.#host.peer;
  }

  get certificateNames(): string {
    return this.#host.certificateNames;
  }

  get isWriting(): boolean {
    return this.#unflushed > 0;
  }

  write(message: Uint8Array, onFlushed?: () => void): void {
    const isSmall = message.length <= COPIED_BYTES_MAX;
    this.writeFrames(isSmall ? [framed(message)] : [framePrefix(message.length), message], onFlushed);
  }

  writeFrames(pieces: readonly Uint8Array[], onFlushed?: () => void): void {
    if (!this.#mayWrite()) return;
    const last = pieces.length - 1;
    if (last > 0) this.#stream.cork();
    for (let index = 0; index < last; index += 1) this.#stream.write(pieces[index]);
    const piece = pieces[last];
    if (piece !== undefined) this.#send(piece, onFlushed);
    if (last > 0) this.#stream.uncork();
  }

  end(status: GrpcStatus, message?: string): void {
    if (this.#end !== undefined) return;
    // The time of the last sweep would be too early by up to the whole grace.
    this.#resetAtMs = performance.now() + STATUS_GRACE_MS;
    this.#end = { status, message };
    if (!this.#isGone()) {
      if (this.#stream.headersSent) this.#stream.end();
      else answerStatus(this.#stream, status, message);
    }
    this.#receiver?.closed(message ?? 'ended');
  }

  reset(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#vanish('reset');
  }

  /** Keeps the limits of time; called about once a second. */
  sweep(nowMs: number): void {
    const { limits } = this.#host;
    if (this.#stream.closed) {
      // Where both sides reset it at one time Node may never say that it is closed: it would count as a call for ever.
      if (this.#wasClosed) this.#stream.destroy();
      this.#wasClosed = true;
    } else if (this.#end !== undefined) {
      if (nowMs >= this.#resetAtMs && !this.#isGone()) this.#stream.close(this.#resetCode());
    } else if (this.#unflushed > 0 && nowMs - this.#oldestWriteMs >= limits.drainMs) {
      this.#refuse('grpc-not-read', GRPC_STATUS.unavailable, 'the peer does not read');
    } else if (this.#awaitedSinceMs !== undefined && nowMs - this.#awaitedSinceMs >= limits.messageMs) {
      this.#refuse('grpc-too-slow', GRPC_STATUS.deadlineExceeded, 'the message did not come in time');
    } else this.#takeDelayed();
  }

  #receive(piece: Uint8Array): void {
    this.#host.heard();
    if (this.#end !== undefined) return;
    const split = splitFrames(this.#splitter, piece);
    if (!split.ok) {
      const isLarge = split.error === 'too-large';
      const status = isLarge ? GRPC_STATUS.resourceExhausted : GRPC_STATUS.unimplemented;
      this.#refuse('grpc-malformed', status, isLarge ? 'the message is too large' : 'compression is not offered');
      return;
    }
    if (isBetweenFrames(this.#splitter)) this.#awaitedSinceMs = undefined;
    else if (split.value.length > 0 || this.#awaitedSinceMs === undefined) this.#awaitedSinceMs = this.#host.nowMs;
    this.#take(split.value);
  }

  #take(messages: readonly Uint8Array[]): void {
    for (const [index, message] of messages.entries()) {
      if (this.#end !== undefined) return;
      if (this.#messagesInSecond >= this.#host.limits.messagesPerSecond) {
        this.#delayed = messages.slice(index).map((each) => each.slice());
        this.#stream.pause();
        this.#host.failed('grpc-flood');
        return;
      }
      this.#messagesInSecond += 1;
      this.#receiver?.message(message);
    }
  }

  #takeDelayed(): void {
    this.#messagesInSecond = 0;
    const delayed = this.#delayed;
    if (delayed === undefined) return;
    this.#delayed = undefined;
    this.#take(delayed);
    if (this.#delayed !== undefined) return;
    this.#stream.resume();
    if (this.#stream.readableEnded) this.#peerEnded();
  }

  #peerEnded(): void {
    // What it said before it ended comes first.
    if (this.#delayed !== undefined) return;
    if (this.#end !== undefined || this.#stream.aborted || this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    this.#awaitedSinceMs = undefined;
    if (isBetweenFrames(this.#splitter)) this.#receiver?.halfClosed();
    else this.#refuse('grpc-malformed', GRPC_STATUS.invalidArgument, 'the message is cut off');
  }

  #mayWrite(): boolean {
    if (this.#end !== undefined || this.#isGone()) return false;
    if (!this.#stream.headersSent) openAnswer(this.#stream, () => this.#end ?? { status: GRPC_STATUS.ok });
    return true;
  }

  #send(bytes: Uint8Array, onFlushed: (() => void) | undefined): void {
    if (this.#unflushed === 0) this.#oldestWriteMs = this.#host.nowMs;
    this.#unflushed += 1;
    this.#stream.write(bytes, (error) => {
      this.#unflushed -= 1;
      this.#oldestWriteMs = this.#host.nowMs;
      if (!error && this.#end === undefined) onFlushed?.();
    });
  }

  #refuse(code: GrpcFailure['code'], status: GrpcStatus, message: string): void {
    this.#host.failed(code);
    this.end(status, message);
  }

  /** The stream is gone without a status of ours. */
  #vanish(reason: string): void {
    if (this.#end !== undefined) return;
    this.#end = { status: GRPC_STATUS.unavailable };
    this.#receiver?.closed(reason);
  }

  #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #resetCode(): number {
    return this.#unflushed > 0 ? constants.NGHTTP2_CANCEL : constants.NGHTTP2_NO_ERROR;
  }
}
