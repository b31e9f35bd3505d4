import type { Condition } from '../../core/rollout/conditions.ts';
import type { CommitState } from '../../core/rollout/revision-ledger.ts';
import type { TlsStatus } from '../settings/tls-source.ts';
import type { SourceStatus } from '../source/source-status.ts';
import type { RemoteDeciderStatus } from './decider-statuses.ts';
import type { RefusedIdentity } from './node-identities.ts';

/** What `headgate status` shows: GET /status. */
export interface ServerStatus {
  readonly version: string;
  /** How it stands in the words of GitOps tools. */
  readonly conditions: readonly Condition[];
  /** The `requestedAt` of the last POST /reconcile that had one, once it was handled. */
  readonly lastHandledReconcileAt?: string;
  readonly source: SourceStatus;
  readonly live?: { readonly digest: string; readonly commit: string };
  readonly newest?: CommitState & { readonly diagnostics: string };
  readonly proxies: readonly ProxyStatus[];
  readonly engines: readonly EngineStatus[];
  readonly secrets: readonly SecretStatus[];
  readonly records: { readonly written: number; readonly dropped: number };
  /** Why bundles cannot be written: a restart would not serve what serves now. Absent when they can. */
  readonly storeFailure?: string;
  /** Deciders of their own; absent where the settings admit none. */
  readonly deciders?: readonly RemoteDeciderStatus[];
  /** Mutual TLS of xDS and ext_proc; absent where it is not used. */
  readonly tls?: TlsStatus;
  /** Who showed a certificate for another cluster than the one he named; absent while nobody did. */
  readonly refusedIdentities?: readonly RefusedIdentity[];
}

export interface ProxyStatus {
  readonly node: string;
  readonly fleet: string;
  readonly version: string;
  readonly connectedAtMs: number;
  /** The digest that every type of the proxy has acknowledged; absent while one has not. */
  readonly digest?: string;
  /** The digest by which it serves on, where that is neither live nor on its way. */
  readonly outdated?: string;
  /** Why nothing is served to it. */
  readonly held?: string;
  /** What it said of a resource that it is offered now, or of the revision that it is offered. */
  readonly refusal?: string;
}

export interface EngineStatus {
  readonly pool: string;
  readonly address: string;
  readonly down: boolean;
  readonly queuedTokens: number;
  readonly activeRequests: number;
  readonly waiting?: number;
  readonly running?: number;
  readonly kvUsage?: number;
  readonly prefillTokensPerSecond: number;
}

/** A secret by its name: whether there is a value, never the value. */
export interface SecretStatus {
  readonly name: string;
  readonly present: boolean;
}

/** What came of the newest commit: POST /reconcile. */
export interface ReconcileAnswer {
  readonly state: CommitState['kind'];
  readonly commit: string;
  readonly digest?: string;
  /** The diagnostics as text; empty when there are none. */
  readonly diagnostics: string;
  readonly timings: RevisionTimings;
}

/** POST /rollout/release: what came of the newest commit, or that an older one waits for a commit that brings it. */
export type ReleaseAnswer =
  | ReconcileAnswer
  | { readonly state: 'released'; readonly commit: string; readonly digest: string };

/** Milliseconds of each part of the way of a commit. */
export interface RevisionTimings {
  readonly fetchMs: number;
  readonly readMs: number;
  readonly compileMs: number;
  /** From the publication to the last proxy's acknowledgement. */
  readonly acknowledgeMs: number;
  readonly totalMs: number;
}
