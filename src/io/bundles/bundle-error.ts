/** A bundle could not be had of the control plane: `code` is stable. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: 'bundle-unreachable' | 'bundle-missing' | 'bundle-damaged';

  constructor(code: BundleError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
