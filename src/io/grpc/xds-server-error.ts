/** The xDS server could not be started: `code` is stable, `cause` what the system said. */
export class XdsServerError extends Error {
  override readonly name = 'XdsServerError';
  readonly code: 'xds-insecure-listener' | 'xds-listen-failed';

  constructor(message: string, options: { readonly code: XdsServerError['code']; readonly cause?: unknown }) {
    super(message, options);
    this.code = options.code;
  }
}
