import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';

/** The gRPC status codes that we send (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const GRPC_STATUS = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export type GrpcStatus = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

/** What goes into grpc-message: for the peer's log, so nothing of a request and nothing of our insides. */
const STATUS_TEXT: { readonly [status in GrpcStatus]: string } = {
  0: '',
  3: 'malformed message',
  4: 'too slow',
  5: 'unknown service',
  7: 'not allowed',
  8: 'limit exceeded',
  9: 'not now',
  12: 'unknown method',
  13: 'internal error',
  14: 'the server is going away',
};

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** What a call ends with; without a message the usual text of the status. */
export interface GrpcEnd {
  readonly status: GrpcStatus;
  readonly message?: string | undefined;
}

/** Opens the answer of a gRPC call. Its trailers are sent when the stream is ended, with what `end` gives then. */
export function openAnswer(stream: ServerHttp2Stream, end: () => GrpcEnd): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers(end())));
  stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
}

/** Answers a call with nothing but a status: the form that gRPC calls Trailers-Only. */
export function answerStatus(stream: ServerHttp2Stream, status: GrpcStatus, message?: string): void {
  ignoreErrors(stream);
  stream.respond({ ...RESPONSE_HEADERS, ...trailers({ status, message }) }, { endStream: true });
}

export function isGrpcCall(headers: IncomingHttpHeaders): boolean {
  return headers[':method'] === 'POST' && (headers['content-type'] ?? '').startsWith('application/grpc');
}

/** gRPC over HTTP/2 asks for status 415 where the content is no gRPC. */
export function refuseForeign(stream: ServerHttp2Stream): void {
  ignoreErrors(stream);
  stream.respond({ ':status': 415 }, { endStream: true });
}

function ignoreErrors(stream: ServerHttp2Stream): void {
  stream.on('error', () => {
    // the caller is gone: there is nobody to tell
  });
}

const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };

function trailers({ status, message }: GrpcEnd): OutgoingHttpHeaders {
  if (status === GRPC_STATUS.ok) return OK_TRAILERS;
  return { 'grpc-status': String(status), 'grpc-message': percentEncoded(message ?? STATUS_TEXT[status]) };
}

/** gRPC's encoding of the text: every byte that is no printable ASCII, and the percent sign. */
function percentEncoded(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
