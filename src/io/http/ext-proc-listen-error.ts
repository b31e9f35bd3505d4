/** The ext_proc server could not be started: `code` is stable, `cause` what the system said. */
export class ExtProcListenError extends Error {
  override readonly name = 'ExtProcListenError';
  readonly code: 'ext-proc-insecure-listener' | 'ext-proc-listen-failed';

  constructor(message: string, options: { code: ExtProcListenError['code']; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}
