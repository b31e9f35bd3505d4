/** A file that may hold configuration, whole. */
export interface SourceFile {
  /** Below the directory that was read, with `/`. */
  readonly path: string;
  /** Git's id of the content: equal bytes, equal id. */
  readonly blobId: string;
  readonly bytes: Uint8Array;
}

export type FindingKind =
  | 'symlink'
  | 'submodule'
  | 'not-a-file'
  | 'lfs-pointer'
  | 'unsafe-path'
  | 'case-collision'
  | 'file-too-large'
  | 'too-many-files'
  | 'too-many-entries'
  | 'too-many-bytes'
  | 'too-deep'
  | 'missing-directory';

/**
 * What a source holds that no configuration may: the language layer makes a diagnostic of each. `path` is printable:
 * control characters are shown as `\u{..}`. For the limits of a whole source it is the path where the limit was met.
 */
export interface Finding {
  readonly kind: FindingKind;
  readonly path: string;
}

/** What a source may hold. */
export interface SourceLimits {
  readonly filesMax: number;
  readonly fileBytesMax: number;
  readonly totalBytesMax: number;
  /** Names of any kind that are looked at: a repository may hold other things besides configuration. */
  readonly entriesMax: number;
  /** Directories inside one another. */
  readonly depthMax: number;
}

/** Ten times the largest repository that we mean to serve (2,000 files, 1 MB); a parser never sees more. */
export const SOURCE_LIMITS: SourceLimits = {
  filesMax: 20_000,
  fileBytesMax: 1024 * 1024,
  totalBytesMax: 64 * 1024 * 1024,
  entriesMax: 200_000,
  depthMax: 16,
};
