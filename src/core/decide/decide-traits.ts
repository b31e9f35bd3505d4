import { type Rng, seededRng } from '../base/rng.ts';
import type { Candidate } from '../schedule/candidate.ts';
import { type RankedEndpoint, rankEndpoints } from '../schedule/rank.ts';
import type { RouteRow } from '../tables/tables.ts';
import { allTooShort, chooseOffers, type OfferChoice } from './choose-offers.ts';
import { OUTPUT_TOKENS_EXPECTED } from './facts.ts';
import type { GuardVerdict } from './guard.ts';
import type { Principal } from './identify.ts';
import { matchRoute } from './match.ts';
import { type AttemptPlan, planAttempts } from './plan-attempts.ts';
import type { DecisionRecord, LookedAtPool, RemovedOffer } from './record.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Revision } from './revision.ts';
import type { RequestTraits } from './traits.ts';

/** What a decision looks at beside the revision and the request: live, or as a record kept it. */
export interface DecisionSources {
  readonly nowMs: number;
  /** The source of every chance in this decision. */
  readonly seed: number;
  /** The endpoints of a pool that are looked at, in any order. */
  readonly candidatesOf: (pool: string, addresses: readonly string[]) => readonly Candidate[];
  /** What the guardrails of a route say of the request. */
  readonly judge: (route: string, model: string) => GuardVerdict;
}

export type TraitDecision = TraitsAllowed | TraitsRefused;

export interface TraitsRefused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  readonly record: DecisionRecord;
}

export interface TraitsAllowed {
  readonly kind: 'allowed';
  readonly route: RouteRow;
  readonly plan: AttemptPlan;
  readonly verdict: GuardVerdict;
  readonly outputTokens: number;
  readonly record: DecisionRecord;
}

/** The arguments of a decision. */
interface Asked {
  readonly revision: Revision;
  readonly principal: Principal;
  readonly request: RequestTraits;
  readonly sources: DecisionSources;
}

interface Draft {
  route?: RouteRow;
  verdict?: GuardVerdict;
  removed: readonly RemovedOffer[];
  candidates: readonly LookedAtPool[];
}

/** Decides a request by all that is known of it but its text: match, guard, choose offers, pick endpoints, list the attempts. */
export function decideTraits(
  revision: Revision,
  principal: Principal,
  request: RequestTraits,
  sources: DecisionSources,
): TraitDecision {
  const asked = { revision, principal, request, sources };
  const draft: Draft = { removed: [], candidates: [] };
  const matched = matchRoute(revision, principal, request.model, request.header);
  if (!matched.ok) return refused(asked, draft, matched.error);
  const { route, model } = matched.value;
  draft.route = route;
  if (request.bodyBytes > route.bodyBytesMax) {
    const message = `The body has ${request.bodyBytes} bytes; this route takes ${route.bodyBytesMax}.`;
    return refused(asked, draft, refuse('body-too-large', message));
  }
  // Before the policies, which would read a text of any length for an answer that is known.
  const short = allTooShort(revision, { route, model, request });
  if (short !== undefined) {
    draft.removed = short;
    return refused(asked, draft, nobodyServes(short));
  }
  const verdict = sources.judge(route.name, model);
  draft.verdict = verdict;
  if (verdict.denied !== undefined) {
    const { reason, message, code } = verdict.denied;
    return refused(asked, draft, refuse(reason, message, code));
  }
  const outputTokens = request.outputTokensMax ?? OUTPUT_TOKENS_EXPECTED;
  const choice = choose(asked, draft, { route, model, outputTokens, verdict });
  const plan = planAttempts(choice, route.attempts);
  draft.removed = [...choice.removed, ...plan.removed];
  const first = plan.attempts[0];
  if (first === undefined) return refused(asked, draft, nobodyServes(choice.removed));
  return {
    kind: 'allowed',
    route,
    plan,
    verdict,
    outputTokens,
    record: {
      ...recordOf(asked, draft),
      model: revision.offers.get(first.offer)?.model ?? model,
      attempts: plan.attempts.map(({ upstreamModel: _upstreamModel, ...attempt }) => attempt),
    },
  };
}

function choose(
  { revision, request, sources }: Asked,
  draft: Draft,
  input: { route: RouteRow; model: string; outputTokens: number; verdict: GuardVerdict },
): OfferChoice {
  const looked = new Map<string, LookedAtPool>();
  const rng = seededRng(sources.seed);
  const rankPool = (pool: string): readonly RankedEndpoint[] => {
    let known = looked.get(pool);
    if (known === undefined) {
      known = lookAt(pool, sources.candidatesOf(pool, revision.pools.get(pool)?.endpoints ?? []), request, rng);
      looked.set(pool, known);
    }
    return known.endpoints;
  };
  const { route, model, outputTokens, verdict } = input;
  const choice = chooseOffers(revision, { route, model, request, outputTokens, forbid: verdict.forbid, rankPool });
  draft.candidates = [...looked.values()];
  return choice;
}

function lookAt(pool: string, candidates: readonly Candidate[], request: RequestTraits, rng: Rng): LookedAtPool {
  const down = candidates.flatMap((candidate) => (candidate.down ? [candidate.address] : []));
  const endpoints = rankEndpoints(candidates, request.promptTokens, rng);
  return { pool, endpoints, ...(down.length === 0 ? {} : { down }) };
}

function nobodyServes(removed: readonly RemovedOffer[]): Refusal {
  const reasons = removed.map(({ offer, detail }) => `${offer}: ${detail}`).join('; ');
  if (removed.length > 0 && removed.every(({ reason }) => reason === 'context')) {
    return refuse('context-exceeded', `The prompt is too long for every offer (${reasons}).`);
  }
  return refuse(
    'no-candidate',
    reasons === '' ? 'No offer serves this request.' : `No offer serves this request (${reasons}).`,
  );
}

function refused(asked: Asked, draft: Draft, refusal: Refusal): TraitsRefused {
  const record = recordOf(asked, draft);
  return {
    kind: 'refused',
    refusal,
    record: { ...record, refusal: { reason: refusal.reason, code: refusal.code } },
  };
}

/** A client writes the name of the model; a record keeps no more of it than a name can be long. */
const MODEL_NAME_LENGTH_MAX = 200;

function recordOf({ revision, principal, request, sources }: Asked, draft: Draft): DecisionRecord {
  const { verdict, route } = draft;
  return {
    id: request.id,
    timeMs: sources.nowMs,
    digest: revision.digest,
    commit: revision.commit,
    request: {
      path: request.path,
      model: request.model.slice(0, MODEL_NAME_LENGTH_MAX),
      stream: request.stream,
      promptTokens: request.promptTokens,
      ...(request.outputTokensMax === undefined ? {} : { outputTokensMax: request.outputTokensMax }),
      ...(request.choices === 1 ? {} : { choices: request.choices }),
      ...(request.needs.length === 0 ? {} : { needs: request.needs }),
      ...(request.session === undefined ? {} : { session: request.session }),
      ...(revision.matchHeaders.size === 0 ? {} : { headers: request.headers }),
      bodyBytes: request.bodyBytes,
    },
    principal: { team: principal.team, ...(principal.key === undefined ? {} : { key: principal.key }) },
    ...(route === undefined ? {} : { route: route.name }),
    removed: draft.removed,
    candidates: draft.candidates,
    attempts: [],
    policies: verdict?.fired ?? [],
    ...(verdict === undefined || verdict.judged.length === 0 ? {} : { judged: verdict.judged }),
    seed: sources.seed,
  };
}
