import { SourceError, type SourceErrorCode } from '../../io/git/source-error.ts';
import { refText, shortRefName } from '../../io/git/watched-ref.ts';
import type { RepositorySettings } from '../settings/repository-settings.ts';
import type { Verification } from './guarded-source.ts';
import type { ProposedRevert } from './propose-revert.ts';
import type { SourceControlState } from './source-control.ts';

/** The source in GET /status. Times are milliseconds since 1970; an absent field says that there is nothing of it. */
export interface SourceStatus extends SourceControlState {
  /** Without a user. */
  readonly url: string;
  readonly ref: string;
  /** The newest commit of the ref that was found, also as `main@sha1:...`. */
  readonly commit?: string;
  readonly revision?: string;
  readonly fetchedAtMs?: number;
  /** When a webhook last asked for a fetch. */
  readonly hintedAtMs?: number;
  /** Why the last look failed, as one line; `fetchFailed` or `verified` says it in parts. */
  readonly failure?: string;
  readonly fetchFailed?: FetchFailure;
  /** The branch that takes the newest commit back; absent where nothing stopped it. */
  readonly revert?: ProposedRevert;
  /** The condition SourceVerified; absent where no signature is asked for. */
  readonly verified?: SourceVerified;
}

export interface FetchFailure {
  readonly reason: FetchFailureReason;
  readonly code: string;
  readonly message: string;
  readonly sinceMs: number;
  /** Looks in a row that failed. */
  readonly count: number;
}

/** The words of Flux for a source that cannot be fetched. */
type FetchFailureReason =
  | 'AuthenticationFailed'
  | 'GitOperationFailed'
  | 'StorageOperationFailed'
  | 'VerificationError'
  | 'URLInvalid';

export type SourceVerified =
  | { readonly status: 'True'; readonly commit: string; readonly signer: string }
  | { readonly status: 'False'; readonly commit: string; readonly reason: string; readonly message: string };

const REASONS: Readonly<Partial<Record<SourceErrorCode, FetchFailureReason>>> = {
  'git-auth': 'AuthenticationFailed',
  'git-untrusted': 'AuthenticationFailed',
  'git-disk': 'StorageOperationFailed',
  'git-corrupt': 'StorageOperationFailed',
  'directory-unreadable': 'StorageOperationFailed',
  'git-settings': 'URLInvalid',
  'git-signature-missing': 'VerificationError',
  'git-signature-invalid': 'VerificationError',
  'git-signer-unknown': 'VerificationError',
  'git-rewritten': 'VerificationError',
};

/** The reasons of SourceVerified, a word each. */
export const UNVERIFIED: Readonly<Partial<Record<SourceErrorCode, string>>> = {
  'git-signature-missing': 'SignatureMissing',
  'git-signature-invalid': 'SignatureInvalid',
  'git-signer-unknown': 'SignerUnknown',
  'git-rewritten': 'NotDescendant',
};

/** Whether the rules refused a commit, which the remote is not to blame for. */
export function isRefusal(error: unknown): boolean {
  return error instanceof SourceError && REASONS[error.code] === 'VerificationError';
}

/** @param before what stood until now */
export function fetchFailure(error: unknown, before: FetchFailure | undefined, nowMs: number): FetchFailure {
  const code = error instanceof SourceError ? error.code : 'internal';
  return {
    reason: error instanceof SourceError ? (REASONS[error.code] ?? 'GitOperationFailed') : 'GitOperationFailed',
    code,
    message: error instanceof Error ? error.message : String(error),
    sinceMs: before?.code === code ? before.sinceMs : nowMs,
    count: (before?.count ?? 0) + 1,
  };
}

export interface SourceFacts {
  readonly settings: Pick<RepositorySettings, 'url' | 'ref'>;
  readonly remoteRef: string | undefined;
  readonly found: string | undefined;
  readonly fetchedAtMs: number | undefined;
  readonly hintedAtMs: number | undefined;
  readonly failure: FetchFailure | undefined;
  readonly verification: Verification | undefined;
  readonly revert: (ProposedRevert & { readonly bad: string }) | undefined;
  readonly orders: SourceControlState;
}

export function sourceStatus(facts: SourceFacts): SourceStatus {
  const { settings, found, fetchedAtMs, hintedAtMs, failure, verification } = facts;
  const { bad, ...revert } = facts.revert ?? {};
  const asked = facts.remoteRef === undefined ? refText(settings.ref) : shortRefName(facts.remoteRef);
  return {
    url: withoutUser(settings.url),
    ref: refText(settings.ref),
    ...(found === undefined ? {} : { commit: found, revision: `${asked}@sha1:${found}` }),
    ...(fetchedAtMs === undefined ? {} : { fetchedAtMs }),
    ...(hintedAtMs === undefined ? {} : { hintedAtMs }),
    ...(failure === undefined ? {} : { failure: failure.message, fetchFailed: failure }),
    ...(bad !== undefined && bad === found && 'branch' in revert ? { revert } : {}),
    ...(verification === undefined ? {} : { verified: sourceVerified(verification) }),
    ...facts.orders,
  };
}

function sourceVerified(verification: Verification): SourceVerified {
  const { commit } = verification;
  if (verification.kind === 'verified') return { status: 'True', commit, signer: verification.signer };
  const { code, message } = verification.error;
  return { status: 'False', commit, reason: UNVERIFIED[code] ?? 'VerificationError', message };
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
