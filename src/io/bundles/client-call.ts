import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { createFrameSplitter, framed, splitFrames } from '../../core/base/grpc-frame.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';

/** The client's end of a gRPC call. Everything is without effect once the call is over. */
export interface ClientCall {
  send(message: Uint8Array): void;
  /** Nothing more will be sent. */
  halfClose(): void;
  cancel(): void;
}

export interface CallEvents {
  readonly onMessage: (bytes: Uint8Array) => void;
  /** Comes exactly once, and nothing after it. Without a status of the server it is UNAVAILABLE. */
  readonly onEnd: (status: number, text: string) => void;
}

/** A control plane sends digests and chunks of bundles, both far below. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

export function openCall(session: ClientHttp2Session, path: string, events: CallEvents): ClientCall {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const splitter = createFrameSplitter(MESSAGE_BYTES_MAX);
  let status: { readonly code: number; readonly text: string } | undefined;
  let failure = 'the connection is gone';
  const read = (headers: IncomingHttpHeaders): void => {
    const code = headers['grpc-status'];
    if (code !== undefined) status = { code: Number(code), text: decoded(String(headers['grpc-message'] ?? '')) };
    else if (Number(headers[':status'] ?? 200) !== 200) failure = `HTTP ${headers[':status']}`;
  };
  stream.on('response', read);
  stream.on('trailers', read);
  stream.on('data', (piece: Uint8Array) => {
    const split = splitFrames(splitter, piece);
    if (!split.ok) {
      failure = `a message is ${split.error}`;
      stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    for (const message of split.value) events.onMessage(message);
  });
  // The server has said its last: nobody listens to what we could still say.
  stream.on('end', () => {
    if (stream.writable) stream.end();
  });
  stream.on('error', (cause) => {
    failure = cause.message;
  });
  stream.on('close', () => events.onEnd(status?.code ?? GRPC_STATUS.unavailable, status?.text ?? failure));
  return {
    send: (message) => {
      if (!stream.destroyed && !stream.closed && stream.writable) stream.write(framed(message));
    },
    halfClose: () => {
      if (stream.writable) stream.end();
    },
    cancel: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
