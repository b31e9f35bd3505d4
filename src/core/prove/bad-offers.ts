import type { Revision } from '../decide/revision.ts';
import type { OfferCondition } from '../ir/proof.ts';
import type { RouteRow } from '../tables/tables.ts';
import { offerIs } from './offer-condition.ts';

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
        return listed && offerIs(row, never) ? [{ tier, arm: index, offer }] : [];
      }),
    ),
  );
}
