import { type BodyEdit, editBody, includeUsage, renameModel } from '../api/body-edit.ts';
import { seededRng } from '../base/rng.ts';
import type { Ledger } from '../load/ledger.ts';
import { type RankedEndpoint, rankEndpoints } from '../schedule/rank.ts';
import { sampleCandidates } from '../schedule/sample.ts';
import type { RouteRow } from '../tables/tables.ts';
import { chooseOffers, type OfferChoice } from './choose-offers.ts';
import { estimatePromptTokens, type Facts, OUTPUT_TOKENS_EXPECTED } from './facts.ts';
import { type GuardVerdict, guardRequest } from './guard.ts';
import type { Principal } from './identify.ts';
import type { LoadedRevision } from './loaded-revision.ts';
import { matchRoute } from './match.ts';
import { type Attempt, planAttempts } from './plan-attempts.ts';
import type { DecisionRecord, RemovedOffer } from './record.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What a decision looks at beside the revision and the request. */
export interface DecisionState {
  readonly ledger: Ledger;
  readonly nowMs: number;
  /** The source of every chance in this decision. */
  readonly seed: number;
}

export type Decision = Allowed | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  readonly record: DecisionRecord;
}

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

/** The arguments of a decision. */
interface Asked {
  readonly loaded: LoadedRevision;
  readonly principal: Principal;
  readonly facts: Facts;
  readonly state: DecisionState;
}

interface Draft {
  route?: RouteRow;
  verdict?: GuardVerdict;
  removed: readonly RemovedOffer[];
  candidates: DecisionRecord['candidates'];
}

/**
 * Decides one request: match, guard, choose offers, pick endpoints, list the attempts. A pure function of its arguments:
 * a record holds what is needed to call it again.
 */
export function decide(loaded: LoadedRevision, principal: Principal, facts: Facts, state: DecisionState): Decision {
  const asked = { loaded, principal, facts, state };
  const draft: Draft = { removed: [], candidates: [] };
  const promptTokens = estimatePromptTokens(facts.request);
  const matched = matchRoute(loaded.revision, principal, facts.request.model, facts.header);
  if (!matched.ok) return refused(asked, draft, matched.error);
  const { route, model } = matched.value;
  draft.route = route;
  if (facts.body.length > route.bodyBytesMax) {
    const message = `The body has ${facts.body.length} bytes; this route takes ${route.bodyBytesMax}.`;
    return refused(asked, draft, refuse('body-too-large', message));
  }
  const verdict = guardRequest(loaded, { principal, route: route.name, model, facts, nowMs: state.nowMs });
  draft.verdict = verdict;
  if (verdict.denied !== undefined) {
    const { reason, message, code } = verdict.denied;
    return refused(asked, draft, refuse(reason, message, code));
  }
  const outputTokens = facts.request.outputTokensMax ?? OUTPUT_TOKENS_EXPECTED;
  const choice = choose(asked, draft, { route, model, promptTokens, outputTokens, verdict });
  const plan = planAttempts(choice, route.attempts);
  draft.removed = [...choice.removed, ...plan.removed];
  const first = plan.attempts[0];
  if (first === undefined) return refused(asked, draft, nobodyServes(choice));
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
    stream: facts.request.stream,
    perTryTimeoutMs: facts.request.stream ? headersMs : answerMs,
    promptTokens,
    outputTokens,
    record: {
      ...recordOf(asked, draft),
      model: loaded.revision.offers.get(first.offer)?.model ?? model,
      attempts: plan.attempts.map(({ upstreamModel: _upstreamModel, ...attempt }) => attempt),
    },
  };
}

function choose(
  { loaded, facts, state }: Asked,
  draft: Draft,
  input: { route: RouteRow; model: string; promptTokens: number; outputTokens: number; verdict: GuardVerdict },
): OfferChoice {
  const ranked = new Map<string, readonly RankedEndpoint[]>();
  const rng = seededRng(state.seed);
  const rankPool = (pool: string): readonly RankedEndpoint[] => {
    let endpoints = ranked.get(pool);
    if (endpoints === undefined) {
      const addresses = loaded.revision.pools.get(pool)?.endpoints ?? [];
      const candidates = sampleCandidates(state.ledger, addresses, state.nowMs, rng);
      endpoints = rankEndpoints(candidates, input.promptTokens, rng);
      ranked.set(pool, endpoints);
    }
    return endpoints;
  };
  const choice = chooseOffers(loaded.revision, {
    route: input.route,
    model: input.model,
    request: facts.request,
    promptTokens: input.promptTokens,
    outputTokens: input.outputTokens,
    affinityKey: affinityKey(facts),
    forbid: input.verdict.forbid,
    rankPool,
  });
  draft.candidates = [...ranked].map(([pool, endpoints]) => ({ pool, endpoints }));
  return choice;
}

/** An empty session is none: else all who send it would share one arm of every split. */
function affinityKey(facts: Facts): string {
  const session = facts.header('headgate-session');
  return session === undefined || session === '' ? facts.id : session;
}

function nobodyServes(choice: OfferChoice): Refusal {
  const reasons = choice.removed.map((removed) => `${removed.offer}: ${removed.detail}`).join('; ');
  if (choice.removed.length > 0 && choice.removed.every((removed) => removed.reason === 'context')) {
    return refuse('context-exceeded', `The prompt is too long for every offer (${reasons}).`);
  }
  return refuse(
    'no-candidate',
    reasons === '' ? 'No offer serves this request.' : `No offer serves this request (${reasons}).`,
  );
}

function refused(asked: Asked, draft: Draft, refusal: Refusal): Refused {
  const record = recordOf(asked, draft);
  return {
    kind: 'refused',
    refusal,
    record: { ...record, refusal: { reason: refusal.reason, code: refusal.code } },
  };
}

function recordOf({ loaded, principal, facts, state }: Asked, draft: Draft): DecisionRecord {
  const { request } = facts;
  return {
    id: facts.id,
    timeMs: state.nowMs,
    digest: loaded.revision.digest,
    commit: loaded.revision.commit,
    request: {
      path: facts.path,
      model: request.model.slice(0, MODEL_NAME_LENGTH_MAX),
      stream: request.stream,
      promptTokens: estimatePromptTokens(request),
      ...(request.outputTokensMax === undefined ? {} : { outputTokensMax: request.outputTokensMax }),
      bodyBytes: facts.body.length,
    },
    principal: { team: principal.team, ...(principal.key === undefined ? {} : { key: principal.key }) },
    ...(draft.route === undefined ? {} : { route: draft.route.name }),
    removed: draft.removed,
    candidates: draft.candidates,
    attempts: [],
    policies: draft.verdict?.fired ?? [],
    seed: state.seed,
  };
}

/** A client writes the name of the model; a record keeps no more of it than a name can be long. */
const MODEL_NAME_LENGTH_MAX = 200;
