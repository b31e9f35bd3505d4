import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { AssertionFailure } from '../../core/base/assert.ts';
import { createFrameSplitter, type FrameSplitter, isBetweenFrames, splitFrames } from '../../core/base/grpc-frame.ts';
import { decodeProcessingRequest } from '../../core/exchange/codec/decode-request.ts';
import { encodeReplyFrames } from '../../core/exchange/codec/reply-frames.ts';
import type { ProcessingReply, ProcessingRequest } from '../../core/exchange/messages.ts';
import { answerStatus, GRPC_STATUS, type GrpcStatus, openAnswer } from '../net/grpc-reply.ts';

/** What an exchange says at one time: replies in order, and whether it has nothing more to say ever. */
export interface ExchangeOutput {
  readonly replies: readonly ProcessingReply[];
  /** Ends the stream with status OK behind the replies: Envoy finishes the request without us. */
  readonly finished?: boolean;
}

/**
 * Why an exchange is over. `half-close`: Envoy ended its side. `cancelled`: Envoy reset the stream, with whatever code (it
 * ends every stream so without its graceful-close guard), or the connection is gone. `finished`: we said so. `error`: a limit, a malformed message or an exception.
 */
export type EndReason = 'half-close' | 'cancelled' | 'finished' | 'error';

/** One exchange's logic. All calls are synchronous; after `end`, which comes exactly once, none follows. */
export interface ExchangeHandler {
  message(request: ProcessingRequest): ExchangeOutput;
  end(reason: EndReason): void;
}

/** The way to say something later than in the answer to a message. Says nothing once the exchange is over. */
export interface ExchangeSender {
  send(output: ExchangeOutput): void;
}

/** What went wrong with one stream or connection, for the log. */
export interface ExtProcFailure {
  readonly code:
    | 'ext-proc-malformed'
    | 'ext-proc-compressed'
    | 'ext-proc-too-large'
    | 'ext-proc-cut-off'
    | 'ext-proc-backlog'
    | 'ext-proc-too-many-streams'
    | 'ext-proc-handler-failed'
    | 'ext-proc-connection-failed';
  readonly detail?: string;
  readonly cause?: unknown;
}

export interface StreamOptions {
  readonly messageBytesMax: number;
  readonly openExchange: (sender: ExchangeSender) => ExchangeHandler;
  readonly onFailure: (failure: ExtProcFailure) => void;
  readonly onEnd: () => void;
}

/** Replies that Envoy does not read: it reads each before it sends the next, so more than two bodies is no Envoy. */
const BACKLOG_MESSAGES_MAX = 2;

/** Moves messages between a gRPC stream and an exchange until either side ends. */
export function serveExchange(stream: ServerHttp2Stream, options: StreamOptions): void {
  new ExchangeStream(stream, options).open();
}

class ExchangeStream implements ExchangeSender {
  readonly #stream: ServerHttp2Stream;
  readonly #options: StreamOptions;
  readonly #splitter: FrameSplitter;
  #handler: ExchangeHandler | undefined;
  #status: GrpcStatus = GRPC_STATUS.ok;
  #isOver = false;

  constructor(stream: ServerHttp2Stream, options: StreamOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#splitter = createFrameSplitter(options.messageBytesMax);
  }

  open(): void {
    const stream = this.#stream;
    stream.on('data', (piece: Uint8Array) => this.#receive(piece));
    stream.on('end', () => this.#peerEnded());
    stream.on('error', () => {
      // 'close' follows and says all there is
    });
    stream.on('close', () => {
      if (!this.#isOver) this.#end('cancelled');
    });
    this.#handler = this.#guarded(() => this.#options.openExchange(this));
  }

  send(output: ExchangeOutput): void {
    const { replies } = output;
    if (this.#isOver || this.#isGone()) return;
    if (output.finished) this.#finish('finished', GRPC_STATUS.ok, replies);
    else if (replies.length > 0) {
      this.#write(replies);
      if (this.#stream.writableLength > BACKLOG_MESSAGES_MAX * this.#options.messageBytesMax) {
        this.#refuse(GRPC_STATUS.resourceExhausted, { code: 'ext-proc-backlog' });
      }
    }
  }

  #receive(piece: Uint8Array): void {
    if (this.#isOver) return;
    const split = splitFrames(this.#splitter, piece);
    if (!split.ok) {
      const status = split.error === 'too-large' ? GRPC_STATUS.resourceExhausted : GRPC_STATUS.unimplemented;
      this.#refuse(status, { code: `ext-proc-${split.error}` });
      return;
    }
    const replies: ProcessingReply[] = [];
    for (const bytes of split.value) {
      const output = this.#answer(bytes);
      if (output === undefined) return;
      replies.push(...output.replies);
      if (output.finished) {
        this.send({ replies, finished: true });
        return;
      }
    }
    this.send({ replies });
  }

  /** What the exchange says to one message; nothing when the stream ended over it. */
  #answer(bytes: Uint8Array): ExchangeOutput | undefined {
    const message = decodeProcessingRequest(bytes);
    if (!message.ok) {
      const detail = `${message.error.reason} at byte ${message.error.offset} of ${bytes.length}`;
      this.#refuse(GRPC_STATUS.invalidArgument, { code: message.error.code, detail });
      return undefined;
    }
    const output = this.#guarded(() => this.#handler?.message(message.value));
    return this.#isOver ? undefined : output;
  }

  #peerEnded(): void {
    if (this.#isOver) return;
    if (this.#stream.aborted || this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR) this.#end('cancelled');
    else if (isBetweenFrames(this.#splitter)) this.#finish('half-close', GRPC_STATUS.ok);
    else this.#refuse(GRPC_STATUS.invalidArgument, { code: 'ext-proc-cut-off' });
  }

  #write(replies: readonly ProcessingReply[]): void {
    if (!this.#stream.headersSent) openAnswer(this.#stream, () => ({ status: this.#status }));
    this.#stream.write(encodeReplyFrames(replies));
  }

  #refuse(status: GrpcStatus, failure: ExtProcFailure): void {
    this.#options.onFailure(failure);
    if (!this.#isOver) this.#finish('error', status);
  }

  #finish(reason: EndReason, status: GrpcStatus, last: readonly ProcessingReply[] = []): void {
    this.#status = status;
    if (!this.#isGone()) {
      if (last.length > 0) this.#write(last);
      if (this.#stream.headersSent) this.#stream.end();
      else answerStatus(this.#stream, status);
    }
    this.#end(reason);
  }

  #end(reason: EndReason): void {
    this.#isOver = true;
    this.#options.onEnd();
    this.#guarded(() => this.#handler?.end(reason));
  }

  #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** Runs the handler's code: its failure ends this stream only, but a bug stops the process. */
  #guarded<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof AssertionFailure) throw cause;
      this.#refuse(GRPC_STATUS.internal, { code: 'ext-proc-handler-failed', cause });
      return undefined;
    }
  }
}
