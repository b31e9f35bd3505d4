import { seededRng } from '../base/rng.ts';
import { chooseOffers, type OfferChoice } from '../decide/choose-offers.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../decide/facts.ts';
import { type AttemptPlan, planAttempts } from '../decide/plan-attempts.ts';
import type { Revision } from '../decide/revision.ts';
import type { RequestTraits } from '../decide/traits.ts';
import { type RankedEndpoint, rankEndpoints } from '../schedule/rank.ts';
import type { RouteRow } from '../tables/tables.ts';
import type { OfferPlace } from './bad-offers.ts';
import { type Circumstance, circumstances } from './circumstances.ts';

/** Whether a request of the route, for the model, can come to try the offer at a place. */
export type Reach =
  /** `before`: offers that are tried before it and must fail, in order, each once. */
  | { readonly kind: 'reached'; readonly circumstance: Circumstance; readonly before: readonly string[] }
  | { readonly kind: 'never' }
  /** There are more circumstances than are looked at. */
  | { readonly kind: 'unknown' };

/** A second of work. Ordinary routes need a few of them; this many take hundreds of prices and splits in one route. */
const CIRCUMSTANCES_MAX = 50_000;

export function reach(
  revision: Revision,
  route: RouteRow,
  model: string,
  place: OfferPlace,
  canForbid: boolean,
): Reach {
  let looked = 0;
  for (const circumstance of circumstances(revision, route, model, place, canForbid)) {
    looked += 1;
    if (looked > CIRCUMSTANCES_MAX) return { kind: 'unknown' };
    const { choice, plan } = decideIn(revision, route, model, place, circumstance);
    const tried = [...new Set(plan.attempts.map((attempt) => attempt.offer))];
    const at = tried.indexOf(place.offer);
    if (at !== -1) return { kind: 'reached', circumstance, before: tried.slice(0, at) };
    // What the route requires, the offer has in no circumstance.
    const removal = choice.removed.find(({ offer }) => offer === place.offer)?.reason;
    if (removal === 'region' || removal === 'retention') return { kind: 'never' };
  }
  return { kind: 'never' };
}

/** An engine's tokens per second: with a thousand, a token in the queue is a millisecond of wait. */
const PREFILL_TOKENS_PER_SECOND = 1_000;

/** Decides as the data path does, with each split narrowed to the arm of the circumstance. */
function decideIn(
  revision: Revision,
  route: RouteRow,
  model: string,
  place: OfferPlace,
  { arms, needs, promptTokens, outputTokensMax, poolsUp, othersForbidden, waitMs }: Circumstance,
): { choice: OfferChoice; plan: AttemptPlan } {
  const tiers = route.tiers.map((tier, index) => ({ ...tier, arms: [tier.arms[arms[index] ?? 0] ?? { weight: 1 }] }));
  const own = revision.offers.get(place.offer)?.pool;
  const rankPool = (pool: string): RankedEndpoint[] => {
    if (pool !== own && poolsUp !== 'all' && !poolsUp.includes(pool)) return [];
    const candidates = (revision.pools.get(pool)?.endpoints ?? []).map((address) => ({
      ...{ address, activeRequests: 0, down: false, prefillTokensPerSecond: PREFILL_TOKENS_PER_SECOND },
      queuedTokens: pool === own ? waitMs : 0,
    }));
    return rankEndpoints(candidates, promptTokens, seededRng(0));
  };
  const request: RequestTraits = {
    ...{ id: '', method: 'POST', path: '/v1/chat/completions', header: () => undefined, headers: {} },
    ...{ model, stream: needs.includes('streaming'), choices: 1, promptTokens, needs, bodyBytes: 0 },
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
  };
  const forbidden = othersForbidden ? [...revision.offers.keys()].filter((offer) => offer !== place.offer) : [];
  const choice = chooseOffers(revision, {
    ...{ route: { ...route, tiers }, model, request, rankPool },
    outputTokens: outputTokensMax ?? OUTPUT_TOKENS_EXPECTED,
    forbid: { offers: forbidden, upstreams: [], regions: [] },
  });
  return { choice, plan: planAttempts(choice, route.attempts) };
}
