/** What one evaluation may use. Every value has the default of DEFAULT_POLICY_LIMITS. */
export interface PolicyLimits {
  /** Function entries and loop turns, plus the work of host builtins; see `chargeBuiltin`. */
  readonly fuel: number;
  /** Fuel on top for each byte of the input: reading it alone takes about 5 units a byte. */
  readonly fuelPerInputByte: number;
  /** Pages of 64 KiB that an instance starts with. */
  readonly memoryPagesInitial: number;
  /** The most pages that an instance may reach: allocation beyond fails. */
  readonly memoryPagesMax: number;
  /** An instance above this many pages is replaced after its evaluation, since Wasm memory never shrinks. */
  readonly memoryPagesKept: number;
  /** The longest input document, in bytes of UTF-8. */
  readonly inputBytesMax: number;
}

/**
 * 5 million units are about 25 ms: a policy over a 2 KB prompt takes some thousands. 64 MiB hold the parsed form of the
 * longest input (about nine times its text). 8 MiB kept is what an ordinary request needs, many times over.
 */
export const DEFAULT_POLICY_LIMITS: PolicyLimits = {
  fuel: 5_000_000,
  fuelPerInputByte: 16,
  memoryPagesInitial: 64,
  memoryPagesMax: 1024,
  memoryPagesKept: 128,
  inputBytesMax: 4 * 1024 * 1024,
};
