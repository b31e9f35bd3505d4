import { present } from '../base/assert.ts';
import { hash32 } from '../base/rng.ts';
import { offerId } from '../ir/model.ts';
import { retentionMs } from '../ir/retention.ts';
import { type RankedEndpoint, waitSeconds } from '../schedule/rank.ts';
import type { ArmRow, OfferRow, RouteRow, TierRow } from '../tables/tables.ts';
import type { RemovedOffer } from './record.ts';
import type { Revision } from './revision.ts';
import type { RequestTraits } from './traits.ts';

/** An offer that can serve, with its endpoints where it is a pool's, best first. */
export interface EligibleOffer {
  readonly id: string;
  readonly row: OfferRow;
  /** Empty for a provider. */
  readonly endpoints: readonly RankedEndpoint[];
}

/** What the choice of offers looks at beside the revision. */
export interface ChoiceInput {
  readonly route: RouteRow;
  readonly model: string;
  readonly request: RequestTraits;
  readonly outputTokens: number;
  /** What the request's policies forbid. */
  readonly forbid: Forbidden;
  /** The good endpoints of a pool, best first. */
  readonly rankPool: (pool: string) => readonly RankedEndpoint[];
}

/** Offers (by id), providers or pools (by name) and regions that a policy forbids for a request. */
export interface Forbidden {
  readonly offers: readonly string[];
  readonly upstreams: readonly string[];
  readonly regions: readonly string[];
}

/** The tiers of a request: who can serve it, in the order to try, and who cannot and why. */
export interface OfferChoice {
  readonly tiers: readonly (readonly EligibleOffer[])[];
  readonly removed: readonly RemovedOffer[];
}

/** Filters and orders the offers of a route's tiers (language.md, "A tier"). */
export function chooseOffers(revision: Revision, input: ChoiceInput): OfferChoice {
  const removed: RemovedOffer[] = [];
  const tiers = input.route.tiers.map((tier) => ({ tier, offers: eligibleOf(revision, input, tier, removed) }));
  const kept: EligibleOffer[][] = [];
  const placed = new Set<string>();
  for (const [index, { tier, offers }] of tiers.entries()) {
    const laterCanServe = tiers.slice(index + 1).some((later) => later.offers.length > 0);
    // An offer may stand in several tiers: the first one that keeps it counts.
    const still = (laterCanServe ? withoutBusy(tier, offers, removed) : offers).filter(({ id }) => !placed.has(id));
    for (const { id } of still) placed.add(id);
    kept.push(still);
  }
  const once = new Map(removed.map((removal) => [`${removal.offer} ${removal.reason}`, removal]));
  return { tiers: kept.filter((offers) => offers.length > 0), removed: [...once.values()] };
}

/**
 * Every offer of a route, removed for its context, when the request is too long for all of them; undefined where one
 * may serve. It asks less than `chooseOffers`, and needs no verdict of a policy.
 */
export function allTooShort(
  revision: Revision,
  { route, model, request }: Pick<ChoiceInput, 'route' | 'model' | 'request'>,
): RemovedOffer[] | undefined {
  const removed = new Map<string, RemovedOffer>();
  for (const arm of route.tiers.flatMap(({ arms }) => arms)) {
    for (const { id, row } of offersOf(revision, arm, model)) {
      const reason = tooShort(revision, request, row);
      if (reason === undefined) return undefined;
      removed.set(id, { offer: id, ...reason });
    }
  }
  return removed.size === 0 ? undefined : [...removed.values()];
}

function offersOf(revision: Revision, arm: ArmRow, asked: string): { readonly id: string; readonly row: OfferRow }[] {
  const ids = revision.models.get(arm.model ?? asked)?.offers ?? [];
  return ids.flatMap((id) => {
    const row = revision.offers.get(id);
    return row === undefined || (arm.offers !== undefined && !arm.offers.includes(row.name)) ? [] : [{ id, row }];
  });
}

function eligibleOf(revision: Revision, input: ChoiceInput, tier: TierRow, removed: RemovedOffer[]): EligibleOffer[] {
  const eligible: EligibleOffer[] = [];
  for (const { id, row } of offersOf(revision, armOf(tier, input), input.model)) {
    const endpoints = row.pool === undefined ? [] : input.rankPool(row.pool);
    const reason = whyNot(revision, input, row, endpoints);
    if (reason === undefined) eligible.push({ id, row, endpoints });
    else removed.push({ offer: id, ...reason });
  }
  return ordered(tier.order, eligible, input);
}

/**
 * The arm of a split: its share of the hash range is its share of the weights. Stable in the session that the client
 * named, else in this one request.
 */
function armOf(tier: TierRow, { route, request }: ChoiceInput): ArmRow {
  const total = tier.arms.reduce((sum, arm) => sum + arm.weight, 0);
  let point = (hash32(`${route.name}\n${request.session ?? request.id}`) / 4_294_967_296) * total;
  const chosen = tier.arms.find((arm) => {
    point -= arm.weight;
    return point < 0;
  });
  return present(chosen ?? tier.arms.at(-1), 'an arm of the tier');
}

type Removal = Omit<RemovedOffer, 'offer'>;

function whyNot(
  revision: Revision,
  input: ChoiceInput,
  row: OfferRow,
  endpoints: readonly RankedEndpoint[],
): Removal | undefined {
  const model = revision.models.get(row.model);
  if (model === undefined) return { reason: 'capability', detail: 'the model is gone' };
  const missing = input.request.needs.find((needed) => !model.capabilities.includes(needed));
  if (missing !== undefined) return { reason: 'capability', detail: `the model lacks ${missing}` };
  const short = tooShort(revision, input.request, row);
  if (short !== undefined) return short;
  const { regions, retention } = input.route.require;
  if (regions !== undefined && !regions.includes(row.region ?? '')) {
    return { reason: 'region', detail: `region ${row.region ?? 'unknown'} is not among ${regions.join(', ')}` };
  }
  if (retention !== undefined && retentionMs(row.retention) > retentionMs(retention)) {
    return { reason: 'retention', detail: `retention ${row.retention ?? 'unknown'} is more than ${retention}` };
  }
  if (isForbidden(input.forbid, row)) return { reason: 'policy', detail: 'a policy forbids it for this request' };
  if (row.pool !== undefined && endpoints.length === 0) {
    return { reason: 'health', detail: `no endpoint of pool ${row.pool} is up` };
  }
  return undefined;
}

function tooShort(revision: Revision, request: RequestTraits, row: OfferRow): Removal | undefined {
  const contextTokens = revision.models.get(row.model)?.contextTokens ?? 0;
  const tokens = request.promptTokens + (request.outputTokensMax ?? 0);
  if (tokens <= contextTokens) return undefined;
  return { reason: 'context', detail: `${tokens} tokens asked for, ${contextTokens} fit` };
}

function isForbidden(forbid: Forbidden, row: OfferRow): boolean {
  return (
    forbid.offers.includes(offerId(row.model, row.name)) ||
    forbid.upstreams.includes(row.pool ?? row.provider ?? '') ||
    forbid.regions.includes(row.region ?? '')
  );
}

function withoutBusy(tier: TierRow, offers: EligibleOffer[], removed: RemovedOffer[]): EligibleOffer[] {
  const { untilWaitMs } = tier;
  if (untilWaitMs === undefined) return offers;
  return offers.filter((offer) => {
    const best = offer.endpoints[0];
    if (best === undefined) return true;
    const waitMs = Math.round(waitSeconds(best) * 1_000);
    if (waitMs <= untilWaitMs) return true;
    removed.push({ offer: offer.id, reason: 'busy', detail: `predicted wait ${waitMs} ms, limit ${untilWaitMs} ms` });
    return false;
  });
}

function ordered(order: TierRow['order'], offers: EligibleOffer[], input: ChoiceInput): EligibleOffer[] {
  switch (order) {
    case 'listed':
      return offers;
    case 'price':
      return sortedByNumber(offers, (offer) => worstCaseUsd(offer.row, input.request.promptTokens, input.outputTokens));
    case 'load':
      // A provider's queue is not seen: it counts as free, and its place in the list decides among equals.
      return sortedByNumber(offers, (offer) => offer.endpoints[0]?.costSeconds ?? 0);
  }
}

function sortedByNumber(offers: EligibleOffer[], key: (offer: EligibleOffer) => number): EligibleOffer[] {
  return [...offers].sort((left, right) => key(left) - key(right));
}

function worstCaseUsd(row: OfferRow, promptTokens: number, outputTokens: number): number {
  return row.price.inputUsd * promptTokens + row.price.outputUsd * outputTokens;
}
