import type { IncomingHttpHeaders } from 'node:http2';
import type { GrpcStatus } from './grpc-reply.ts';

/** One method of a gRPC server, in terms of bytes. */
export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly requestBytesMax: number;
  /** Whether the receiver keeps nothing of the bytes of a message: large ones then take no memory each. */
  readonly isDoneAtOnce?: boolean;
  /** Called for each call, before its first message. A unary method writes one message and ends with `ok`. */
  open(call: GrpcCall): GrpcReceiver;
}

/** The server's end of a call. Everything is without effect once the call is over. */
export interface GrpcCall {
  /** `HOST:PORT`, or `unix`. */
  readonly peer: string;
  readonly headers: IncomingHttpHeaders;
  /** The subject alternative names of the client's certificate (`DNS:a, IP Address:b`), empty without TLS. */
  readonly certificateNames: string;
  /** Whether something is written that the system did not take yet. */
  readonly isWriting: boolean;
  /** Sends a message; it is not copied, so it must not change. `onFlushed` comes when the system has taken it. */
  write(message: Uint8Array, onFlushed?: () => void): void;
  /** Sends messages with their frames, cut into pieces anywhere: the same bytes may go to many calls. */
  writeFrames(pieces: readonly Uint8Array[], onFlushed?: () => void): void;
  /** Ends the call behind what was written. A peer that does not take that in time is reset. */
  end(status: GrpcStatus, message?: string): void;
  /** Ends the call at once, what was written included. */
  reset(): void;
}

/** What becomes of a call's messages. All calls are synchronous; after `closed`, which comes exactly once, none follows. */
export interface GrpcReceiver {
  message(bytes: Uint8Array): void;
  /** The client has nothing more to say. */
  halfClosed(): void;
  /** The call is over: ended by us, cancelled, or its connection is gone. */
  closed(reason: string): void;
}

/** Something that a peer did wrong, for the log. */
export interface GrpcFailure {
  readonly code:
    | 'grpc-too-many-connections'
    | 'grpc-too-many-calls'
    | 'grpc-connection-failed'
    | 'grpc-connection-silent'
    | 'grpc-malformed'
    | 'grpc-too-slow'
    | 'grpc-not-read'
    | 'grpc-flood';
  readonly peer: string;
  readonly cause?: unknown;
}
