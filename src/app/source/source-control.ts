/**
 * What an operator may do to the source besides a commit. Each call resolves when it is on disk and the source follows
 * it; what it leads to is seen in the status. Rejects with SourceControlError.
 */
export interface SourceControl {
  /** No commit is taken any more, whatever asks for one; what serves stays. */
  readonly suspend: (reason: string) => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Serves this commit (40 hexadecimal digits) in place of the ref. A signature that is required is asked of it too. */
  readonly pin: (commit: string) => Promise<void>;
  readonly unpin: () => Promise<void>;
  /** Serves something else until a time, without asking for its signature: the way out when nothing else works. */
  readonly override: (order: OverrideOrder) => Promise<void>;
  readonly endOverride: () => Promise<void>;
  readonly state: () => SourceControlState;
}

export interface OverrideOrder {
  readonly from: OverrideSource;
  /** Milliseconds since 1970, at most OVERRIDE_MS_MAX away. */
  readonly untilMs: number;
  readonly reason: string;
}

export type OverrideSource =
  | { readonly kind: 'commit'; readonly commit: string }
  /** A folder of this machine, by its absolute path. */
  | { readonly kind: 'directory'; readonly directory: string };

/** What stands; an absent field stands for nothing. */
export interface SourceControlState {
  readonly suspended?: { readonly reason: string; readonly sinceMs: number };
  readonly pinned?: { readonly commit: string; readonly sinceMs: number };
  readonly override?: OverrideOrder & { readonly sinceMs: number };
}

/** Longer than this is no emergency. */
export const OVERRIDE_MS_MAX = 7 * 86_400_000;

export class SourceControlError extends Error {
  override readonly name = 'SourceControlError';
  readonly code: 'source-order' | 'source-suspended';

  constructor(code: SourceControlError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
