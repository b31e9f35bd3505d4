import type { PolicyIndex } from '../../core/policy/policy-index.ts';

/** The policies of a revision, ready to be loaded: instrumented Wasm, and what is known of each guardrail's package. */
export interface PolicyBuild {
  /** Empty when no guardrail is bound. */
  readonly wasm: Uint8Array;
  readonly index: PolicyIndex;
  /** The packages that come with headgate, by name. */
  readonly builtinPackages: readonly string[];
}
