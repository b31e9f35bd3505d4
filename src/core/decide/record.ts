import type { Digest } from '../base/digest.ts';
import type { Stage } from '../ir/guardrail.ts';
import type { Capability } from '../ir/model.ts';
import type { GuardrailFailure } from '../policy/judge.ts';
import type { RankedEndpoint } from '../schedule/rank.ts';
import type { RefusalReason } from './refusal.ts';

/**
 * What one request leaves: enough to say why the system did what it did, and to do it again, and not one word of the
 * prompt, of the answer or of a key.
 */
export interface DecisionRecord {
  readonly id: string;
  readonly timeMs: number;
  readonly digest: Digest;
  readonly commit: string;
  readonly request: RecordedRequest;
  readonly principal?: { readonly team: string; readonly key?: string };
  readonly route?: string;
  /** The model that served after splits; the asked one where it differs stands in `request`. */
  readonly model?: string;
  /** Every offer that could not serve, with the reason. */
  readonly removed: readonly RemovedOffer[];
  /** By pool: the endpoints that were looked at, best first, with the terms of their price. */
  readonly candidates: readonly LookedAtPool[];
  readonly attempts: readonly RecordedAttempt[];
  readonly policies: readonly FiredRule[];
  /** What each guardrail on the request said, for a re-run: the text that it read is gone. */
  readonly judged?: readonly RecordedJudgement[];
  readonly seed: number;
  readonly refusal?: { readonly reason: RefusalReason; readonly code: string };
  /** There after the end: what came of the decision. */
  readonly outcome?: Outcome;
}

export interface RecordedRequest {
  readonly path: string;
  readonly model?: string;
  readonly stream?: boolean;
  /** An estimate from the length of the texts. */
  readonly promptTokens?: number;
  readonly outputTokensMax?: number;
  /** How many answers were asked for, where it is not one. */
  readonly choices?: number;
  /** What an offer's model had to be able to do. */
  readonly needs?: readonly Capability[];
  /** `hash32` of the session that the client named, in hexadecimal. */
  readonly session?: string;
  /** The headers that a route of the revision looks at; absent when none does. */
  readonly headers?: RecordedHeaders;
  readonly bodyBytes: number;
}

/** By name: a value that a route names, `hash32` of another one, or null where the request had none. */
export type RecordedHeaders = Readonly<Record<string, string | number | null>>;

export interface LookedAtPool {
  readonly pool: string;
  readonly endpoints: readonly RankedEndpoint[];
  /** Addresses that were looked at and are down; absent for none. */
  readonly down?: readonly string[];
}

/** What the package of one guardrail decided, without any text. Absent members are empty. */
export interface RecordedJudgement {
  readonly guardrail: string;
  /** Which policy it was: a digest of its rules and detectors. */
  readonly policy: string;
  /** Why it gave no decision; with `builtin`, what it gave nevertheless stands beside. */
  readonly failed?: GuardrailFailure['reason'];
  readonly deny?: readonly RecordedRule[];
  readonly warn?: readonly RecordedRule[];
  /** How many spans it replaced, and would have in shadow mode. */
  readonly redacted?: { readonly spans: number; readonly shadow: number };
  readonly forbid?: readonly {
    readonly offers: readonly string[];
    readonly upstreams: readonly string[];
    readonly regions: readonly string[];
    readonly shadow: boolean;
  }[];
}

export interface RecordedRule {
  readonly code: string;
  readonly shadow: boolean;
}

export interface RemovedOffer {
  readonly offer: string;
  readonly reason: RemovalReason;
  readonly detail: string;
}

/** Closed list of why an offer cannot serve a request. */
export type RemovalReason =
  | 'context'
  | 'capability'
  | 'region'
  | 'retention'
  | 'policy'
  | 'health'
  | 'busy'
  | 'upstream-name'
  | 'attempts';

export interface RecordedAttempt {
  readonly offer: string;
  readonly cluster: string;
  /** The endpoint, for a pool. */
  readonly address?: string;
}

export interface FiredRule {
  readonly guardrail: string;
  readonly stage: Stage;
  readonly rule: string;
  readonly code: string;
  /** False in shadow mode: it would have. */
  readonly enforced: boolean;
}

export interface Outcome {
  /**
   * answered: the answer ended with its usage, or the upstream says what is wrong with the request; incomplete: it broke
   * off (the client left or the upstream did: Envoy does not say which); refused: by us, or by Envoy as we told it;
   * blocked: by a guardrail on the answer; failed: no attempt succeeded.
   */
  readonly kind: 'answered' | 'incomplete' | 'refused' | 'blocked' | 'failed';
  /** What the client got; 0 for nothing. */
  readonly status: number;
  /** What the upstream answered, where the client got another status. */
  readonly upstreamStatus?: number;
  readonly served?: RecordedAttempt & { readonly attempt: number };
  readonly usage?: RecordedUsage;
  readonly costMicroUsd: number;
  /** From the first message of the request to the decision, the answer's headers and its end. */
  readonly decidedMs: number;
  readonly headersMs?: number;
  readonly totalMs: number;
}

export interface RecordedUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** estimated: the answer ended without its usage. */
  readonly source: 'reported' | 'estimated';
}
