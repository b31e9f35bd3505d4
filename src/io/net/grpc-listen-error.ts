/** A gRPC server could not be started: `code` is stable, `cause` what the system said. */
export class GrpcListenError extends Error {
  override readonly name = 'GrpcListenError';
  readonly code: 'insecure-listener' | 'listen-failed';

  constructor(message: string, options: { readonly code: GrpcListenError['code']; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}
