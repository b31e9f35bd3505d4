import type { Revision } from '../decide/revision.ts';
import type { OfferCondition, WordCondition } from '../ir/proof.ts';
import type { OfferRow, RouteRow } from '../tables/tables.ts';

/** One place of a route where an offer stands. */
export interface OfferPlace {
  readonly tier: number;
  readonly arm: number;
  readonly offer: string;
}

/** The places of a route, for requests of one model, where an offer of this kind stands. */
export function badPlaces(
  route: RouteRow,
  model: string,
  { models, offers }: Pick<Revision, 'models' | 'offers'>,
  never: OfferCondition,
): OfferPlace[] {
  return route.tiers.flatMap(({ arms }, tier) =>
    arms.flatMap((arm, index) =>
      (models.get(arm.model ?? model)?.offers ?? []).flatMap((offer): OfferPlace[] => {
        const row = offers.get(offer);
        const listed = row !== undefined && (arm.offers === undefined || arm.offers.includes(row.name));
        return listed && isBad(row, never) ? [{ tier, arm: index, offer }] : [];
      }),
    ),
  );
}

function isBad(row: OfferRow, never: OfferCondition): boolean {
  return (
    holds(never.region, row.region) &&
    holds(never.retention, row.retention) &&
    holds(never.provider, row.provider) &&
    holds(never.pool, row.pool)
  );
}

function holds(condition: WordCondition | undefined, word: string | undefined): boolean {
  if (condition === undefined) return true;
  return 'is' in condition ? word === condition.is : word !== condition.not;
}
