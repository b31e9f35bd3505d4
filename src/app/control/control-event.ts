import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';

/** What happened to a commit: for the log, and for everybody who is told of it. `diagnostics` is the text of `findings`. */
export type ControlEvent =
  | {
      readonly kind: 'rejected';
      readonly commit: string;
      /** Who signed it, verified; absent where no signature is asked for. */
      readonly signer?: string;
      readonly diagnostics: string;
      readonly findings: readonly Diagnostic[];
    }
  /** It has no errors; `findings` are its warnings. */
  | {
      readonly kind: 'validated';
      readonly commit: string;
      readonly signer?: string;
      readonly digest: Digest;
      /** By their `node.cluster`. */
      readonly fleets: readonly string[];
      readonly findings: readonly Diagnostic[];
    }
  | { readonly kind: 'published'; readonly commit: string; readonly digest: Digest }
  | { readonly kind: 'serving'; readonly commit: string; readonly digest: Digest }
  /** A proxy refused it, now or before: then without `findings`. */
  | {
      readonly kind: 'frozen';
      readonly commit: string;
      readonly digest: Digest;
      readonly diagnostics: string;
      readonly findings: readonly Diagnostic[];
    };
