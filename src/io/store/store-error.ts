export type StoreErrorCode = 'store-missing' | 'store-corrupt' | 'store-unwritable' | 'store-closed' | 'store-locked';

/** A failure of the disk, or of what lies on it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
