import type { EligibleOffer, OfferChoice } from './choose-offers.ts';
import type { RecordedAttempt, RemovedOffer } from './record.ts';

/** One upstream try: entry n of the list that Envoy follows. */
export interface Attempt extends RecordedAttempt {
  /** The model's name in the body of this try. */
  readonly upstreamModel: string;
}

export interface AttemptPlan {
  readonly attempts: readonly Attempt[];
  /** The name that the body carries when it leaves us; a hop whose name differs adapts it on its way. */
  readonly bodyModel: string;
  readonly removed: readonly RemovedOffer[];
}

/** One pool gets no more tries than this: what three engines cannot serve, a fourth will not. */
const POOL_ATTEMPTS_MAX = 3;

/**
 * The ordered list of tries (language.md, "attempts"): a pool gets one per good endpoint, 3 at the most, and leaves one
 * for each offer behind it. A list may be empty: nobody can serve.
 */
export function planAttempts(choice: OfferChoice, attemptsMax: number): AttemptPlan {
  const removed: RemovedOffer[] = [];
  const offers = sharingOneBody(choice.tiers.flat(), removed);
  const attempts: Attempt[] = [];
  for (const [index, offer] of offers.entries()) {
    const free = attemptsMax - attempts.length;
    if (free === 0) {
      removed.push({ offer: offer.id, reason: 'attempts', detail: `all ${attemptsMax} attempts are taken` });
      continue;
    }
    const tries = Math.max(1, Math.min(POOL_ATTEMPTS_MAX, free - (offers.length - 1 - index)));
    attempts.push(...triesOf(offer, tries));
  }
  const first = attempts.find((attempt) => attempt.address !== undefined) ?? attempts[0];
  return { attempts, bodyModel: first?.upstreamModel ?? '', removed };
}

function triesOf(offer: EligibleOffer, tries: number): Attempt[] {
  const shared = { offer: offer.id, cluster: offer.row.cluster, upstreamModel: offer.row.upstreamModel };
  if (offer.row.pool === undefined) return [shared];
  return offer.endpoints.slice(0, tries).map((endpoint) => ({ ...shared, address: endpoint.address }));
}

/**
 * Engines get the body as it leaves us, so all pools of one list must know the model by one name, the first pool's; only
 * a hop to a provider can adapt it, to one name for each provider.
 */
function sharingOneBody(offers: readonly EligibleOffer[], removed: RemovedOffer[]): EligibleOffer[] {
  const names = new Map<string, string>();
  return offers.filter((offer) => {
    const { pool, cluster, upstreamModel } = offer.row;
    const carrier = pool === undefined ? cluster : 'pools';
    const name = names.get(carrier) ?? upstreamModel;
    names.set(carrier, name);
    if (name === upstreamModel) return true;
    const detail = `the model is "${upstreamModel}" there, and an earlier attempt sends "${name}"`;
    removed.push({ offer: offer.id, reason: 'upstream-name', detail });
    return false;
  });
}
