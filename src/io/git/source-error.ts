/** Why a source could not be read. The words are stable: status, metrics and the command line print them. */
export type SourceErrorCode =
  | 'git-missing'
  | 'git-settings'
  | 'git-unreachable'
  | 'git-untrusted'
  | 'git-auth'
  | 'git-ref-missing'
  | 'git-commit-missing'
  | 'git-timeout'
  | 'git-refused'
  | 'git-too-large'
  | 'git-corrupt'
  | 'git-disk'
  | 'git-signature-missing'
  | 'git-signature-invalid'
  | 'git-signer-unknown'
  | 'git-rewritten'
  | 'git-push-refused'
  | 'git-closed'
  | 'git-failed'
  | 'directory-unreadable';

/** A failure of the world around a source: a remote, the git program, the mirror's disk, a directory. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
