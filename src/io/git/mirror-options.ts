import type { RemoteAccess } from './remote-access.ts';
import { SOURCE_LIMITS, type SourceLimits } from './source-file.ts';
import type { RefChoice } from './watched-ref.ts';

export interface MirrorOptions {
  /** `https://`, `ssh://` or `user@host:path`; a path or `file://` with `allowLocal`. */
  readonly url: string;
  /** A branch, a whole ref name, HEAD, or what RefChoice says. */
  readonly ref: string | RefChoice;
  /** A directory that this mirror owns alone. It is a cache: it may be deleted at any time. */
  readonly directory: string;
  /** Default false. */
  readonly allowLocal?: boolean;
  /** The git program. Default: `git` on PATH. */
  readonly gitPath?: string;
  readonly access?: RemoteAccess;
  readonly limits?: Partial<MirrorLimits>;
}

export interface MirrorLimits extends SourceLimits {
  readonly fetchTimeoutMs: number;
  /** How large the packs of the mirror, history included, may be. */
  readonly repositoryBytesMax: number;
}

/** A minute is what other tools allow one operation; the history of a configuration repository is small. */
export const MIRROR_LIMITS: MirrorLimits = {
  ...SOURCE_LIMITS,
  fetchTimeoutMs: 60_000,
  repositoryBytesMax: 1024 * 1024 * 1024,
};
