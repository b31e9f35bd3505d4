import { type BodyEdit, editBody, includeUsage, renameModel } from '../api/body-edit.ts';
import { seededRng } from '../base/rng.ts';
import type { Ledger } from '../load/ledger.ts';
import { sampleCandidates } from '../schedule/sample.ts';
import type { RouteRow } from '../tables/tables.ts';
import { type DecisionSources, decideTraits, type TraitsAllowed, type TraitsRefused } from './decide-traits.ts';
import type { Facts } from './facts.ts';
import { guardRequest } from './guard.ts';
import type { Principal } from './identify.ts';
import type { LoadedRevision } from './loaded-revision.ts';
import type { Attempt } from './plan-attempts.ts';
import type { DecisionRecord } from './record.ts';
import { traitsOf } from './traits.ts';

/** What a decision looks at beside the revision and the request. */
export interface DecisionState {
  readonly ledger: Ledger;
  readonly nowMs: number;
  /** The ledger's own clock. */
  readonly monotonicMs: number;
  /** The source of every chance in this decision. */
  readonly seed: number;
}

export type Decision = Allowed | Refused;

export type Refused = TraitsRefused;

export interface Allowed {
  readonly kind: 'allowed';
  readonly route: RouteRow;
  readonly attempts: readonly Attempt[];
  /** The body of the first attempt; undefined when it is the client's, byte for byte. */
  readonly body?: Uint8Array;
  /** The model's name in that body. */
  readonly bodyModel: string;
  readonly stream: boolean;
  readonly perTryTimeoutMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly record: DecisionRecord;
}

/**
 * Decides one request: match, guard, choose offers, pick endpoints, list the attempts, write the body. A pure function
 * of its arguments: a record holds what is needed to decide again.
 */
export function decide(loaded: LoadedRevision, principal: Principal, facts: Facts, state: DecisionState): Decision {
  const request = traitsOf(facts, loaded.revision);
  const { nowMs, seed } = state;
  const sources: DecisionSources = {
    nowMs,
    seed,
    candidatesOf: liveCandidates(state),
    judge: (route, model) => guardRequest(loaded, { principal, route, model, facts, nowMs }),
  };
  const decided = decideTraits(loaded.revision, principal, request, sources);
  return decided.kind === 'refused' ? decided : allowed(decided, facts, request.promptTokens);
}

/** Which endpoints are looked at is a chance of its own: a re-run knows who was looked at, and draws no more. */
const SAMPLE_SEED = 0x9e3779b9;

function liveCandidates({ ledger, monotonicMs, seed }: DecisionState): DecisionSources['candidatesOf'] {
  const rng = seededRng(seed ^ SAMPLE_SEED);
  return (_pool, addresses) => sampleCandidates(ledger, addresses, monotonicMs, rng);
}

function allowed(
  { route, plan, verdict, outputTokens, record }: TraitsAllowed,
  facts: Facts,
  promptTokens: number,
): Allowed {
  const { stream } = facts.request;
  const edits: BodyEdit[] = [
    ...renameModel(facts.request, plan.bodyModel),
    ...includeUsage(facts.request, facts.body),
    ...verdict.edits,
  ];
  const { headersMs, answerMs } = route.timeouts;
  return {
    kind: 'allowed',
    route,
    attempts: plan.attempts,
    ...(edits.length === 0 ? {} : { body: editBody(facts.body, edits) }),
    bodyModel: plan.bodyModel,
    stream,
    perTryTimeoutMs: stream ? headersMs : answerMs,
    promptTokens,
    outputTokens,
    record,
  };
}
