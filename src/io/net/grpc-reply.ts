import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';

/** The gRPC status codes that we send (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const GRPC_STATUS = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const;

export type GrpcStatus = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

/** What goes into grpc-message: for the peer's log, so nothing of a request and nothing of our insides. */
const STATUS_TEXT: { readonly [status in GrpcStatus]: string } = {
  0: '',
  3: 'malformed message',
  5: 'unknown service',
  8: 'limit exceeded',
  12: 'unknown method',
  13: 'internal error',
};

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** Opens the answer of a gRPC call. Its trailers are sent when the stream is ended, with what `status` gives then. */
export function openAnswer(stream: ServerHttp2Stream, status: () => GrpcStatus): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers(status())));
  stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
}

/** Answers a call with nothing but a status: the form that gRPC calls Trailers-Only. */
export function answerStatus(stream: ServerHttp2Stream, status: GrpcStatus): void {
  stream.respond({ ...RESPONSE_HEADERS, ...trailers(status) }, { endStream: true });
}

const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };

function trailers(status: GrpcStatus): OutgoingHttpHeaders {
  if (status === GRPC_STATUS.ok) return OK_TRAILERS;
  return { 'grpc-status': String(status), 'grpc-message': STATUS_TEXT[status] };
}
