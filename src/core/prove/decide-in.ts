import { seededRng } from '../base/rng.ts';
import { chooseOffers, type OfferChoice } from '../decide/choose-offers.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../decide/facts.ts';
import { type AttemptPlan, planAttempts } from '../decide/plan-attempts.ts';
import type { Revision } from '../decide/revision.ts';
import type { RequestTraits } from '../decide/traits.ts';
import { type RankedEndpoint, rankEndpoints } from '../schedule/rank.ts';
import type { RouteRow } from '../tables/tables.ts';
import type { AskedSize } from './request-sizes.ts';

/** Everything beside the route and the model that the list of tries depends on. */
export interface World extends AskedSize {
  /** The arm of each tier. */
  readonly arms: readonly number[];
  /** The wait in front of the engines of a pool; undefined where none of them is up. */
  readonly waitMsOf: (pool: string) => number | undefined;
  /** Offers that a policy forbids. */
  readonly forbidden: readonly string[];
}

/** An engine's tokens per second: with a thousand, a token in the queue is a millisecond of wait. */
const PREFILL_TOKENS_PER_SECOND = 1_000;

/** Decides as the data path does, with each split narrowed to the arm of the world. */
export function decideIn(
  revision: Revision,
  route: RouteRow,
  model: string,
  { arms, needs, promptTokens, outputTokensMax, waitMsOf, forbidden }: World,
): { choice: OfferChoice; plan: AttemptPlan } {
  const tiers = route.tiers.map((tier, index) => ({ ...tier, arms: [tier.arms[arms[index] ?? 0] ?? { weight: 1 }] }));
  const rankPool = (pool: string): RankedEndpoint[] => {
    const queuedTokens = waitMsOf(pool);
    if (queuedTokens === undefined) return [];
    const candidates = (revision.pools.get(pool)?.endpoints ?? []).map((address) => ({
      ...{ address, activeRequests: 0, down: false, prefillTokensPerSecond: PREFILL_TOKENS_PER_SECOND },
      queuedTokens,
    }));
    return rankEndpoints(candidates, promptTokens, seededRng(0));
  };
  const request: RequestTraits = {
    ...{ id: '', method: 'POST', path: '/v1/chat/completions', header: () => undefined, headers: {} },
    ...{ model, stream: needs.includes('streaming'), choices: 1, promptTokens, needs, bodyBytes: 0 },
    ...(outputTokensMax === undefined ? {} : { outputTokensMax }),
  };
  const choice = chooseOffers(revision, {
    ...{ route: { ...route, tiers }, model, request, rankPool },
    outputTokens: outputTokensMax ?? OUTPUT_TOKENS_EXPECTED,
    forbid: { offers: forbidden, upstreams: [], regions: [] },
  });
  return { choice, plan: planAttempts(choice, route.attempts) };
}

/** The offers that are tried, in order, each once. */
export function triedOffers({ attempts }: AttemptPlan): string[] {
  return [...new Set(attempts.map((attempt) => attempt.offer))];
}
