import type { Digest } from '../../core/base/digest.ts';
import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { LimitCheck } from '../../core/plan/change-limits.ts';
import type { GateFigure } from '../../core/rollout/gates.ts';
import type { RevisionMark } from '../../core/rollout/revision-ledger.ts';

/** What happened to a commit: for the log, and for everybody who is told of it. `diagnostics` is the text of `findings`. */
export type ControlEvent =
  | {
      readonly kind: 'rejected';
      readonly commit: string;
      /** Who signed it, verified; absent where no signature is asked for. */
      readonly signer?: string;
      readonly change?: readonly LimitCheck[];
      readonly diagnostics: string;
      readonly findings: readonly Diagnostic[];
    }
  /** It has no errors; `findings` are its warnings. */
  | {
      readonly kind: 'validated';
      readonly commit: string;
      readonly signer?: string;
      /** What it changes of what serves, beside each limit that is set; absent where none is. */
      readonly change?: readonly LimitCheck[];
      readonly digest: Digest;
      /** By their `node.cluster`. */
      readonly fleets: readonly string[];
      readonly findings: readonly Diagnostic[];
    }
  | { readonly kind: 'published'; readonly commit: string; readonly digest: Digest }
  /** One of several waves of a fleet (its `node.cluster`) has it from now on; waves count from 1. */
  | (WaveOf & { readonly kind: 'wave-started'; readonly proxies: number | 'all' })
  /** Its proxies have it and were watched. Where it is not measured, too few requests came for the gates. */
  | (WaveOf & { readonly kind: 'wave-passed'; readonly isMeasured: boolean; readonly figures: readonly GateFigure[] })
  /** A newer commit took its place before it had reached every proxy. */
  | { readonly kind: 'superseded'; readonly commit: string; readonly digest: Digest; readonly by: string }
  | { readonly kind: 'serving'; readonly commit: string; readonly digest: Digest }
  /** The proxies that had it have the commit that serves again, in one push. */
  | { readonly kind: 'rolled-back'; readonly commit: string; readonly digest: Digest; readonly to: RevisionMark }
  /** No wave follows another until it is resumed. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  /** A frozen revision may be tried again. */
  | { readonly kind: 'released'; readonly commit: string; readonly digest: Digest }
  /** A proxy refused it, or a gate stopped it, now or before: then without `findings`. */
  | {
      readonly kind: 'frozen';
      readonly commit: string;
      readonly digest: Digest;
      readonly diagnostics: string;
      readonly findings: readonly Diagnostic[];
    };

interface WaveOf {
  readonly commit: string;
  readonly digest: Digest;
  readonly fleet: string;
  readonly wave: number;
  readonly waves: number;
}
