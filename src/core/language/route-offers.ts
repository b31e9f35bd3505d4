import type { Path } from '../diagnostics/locate.ts';
import { retentionMs } from '../ir/retention.ts';
import { modelNamed, type RouteNeighbours } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { routeMatchOf } from './route-match-of.ts';

type Offer = DocumentOf<'Model'>['spec']['offers'][number];
type Tier = DocumentOf<'Route'>['spec']['targets'][number];

/** A part of a tier: where its requests go. */
export interface WrittenArm {
  readonly path: Path;
  /** Absent for the model that was asked for. */
  readonly model?: string;
  readonly offers?: readonly string[];
}

/** The arms of a tier; a tier without a split is one. */
export function armsOf(tier: Tier, index: number, catalog: RouteNeighbours): WrittenArm[] {
  const path = ['spec', 'targets', index];
  const arms = tier.split?.map((arm, number) => ({ ...arm, path: [...path, 'split', number] }));
  return (arms ?? [{ ...tier, path }]).map(({ model, offers, path: at }) => ({
    path: at,
    ...(model === undefined ? {} : { model: modelNamed(catalog, model) }),
    ...(offers === undefined ? {} : { offers }),
  }));
}

/** The models that the route takes requests for, as far as they could be read. */
export function askedModels(route: DocumentOf<'Route'>, catalog: RouteNeighbours): DocumentOf<'Model'>[] {
  const { models } = routeMatchOf(route, catalog);
  if (models === '*') return [...catalog.byKind.Model.values()];
  return models.flatMap((name) => catalog.byKind.Model.get(name) ?? []);
}

/** An offer of an arm, with the model that it is of. */
export interface ArmOffer {
  readonly model: string;
  readonly offer: Offer;
}

/** The offers of an arm for a request of the model that was asked for, as listed. */
export function armOffers(arm: WrittenArm, asked: string, catalog: RouteNeighbours): ArmOffer[] {
  const model = arm.model ?? asked;
  const offers = catalog.byKind.Model.get(model)?.spec.offers ?? [];
  return offers.filter((offer) => arm.offers?.includes(offer.name) ?? true).map((offer) => ({ model, offer }));
}

/** What runs on own servers stays there. */
const POOL_RETENTION = 'zero';

/** Whether the offer is where, and keeps what, the route requires. A pool or provider that is itself wrong may be anything. */
export function meetsRequirement(
  { offer }: ArmOffer,
  require: DocumentOf<'Route'>['spec']['require'],
  { byKind }: RouteNeighbours,
): boolean {
  const pool = byKind.Pool.get(offer.pool ?? '');
  const provider = byKind.Provider.get(offer.provider ?? '');
  const target = pool ?? provider;
  if (target === undefined) return true;
  const retention = provider === undefined ? POOL_RETENTION : provider.spec.retention;
  const inRegion = require.regions?.includes(target.spec.region ?? '') ?? true;
  return inRegion && (require.retention === undefined || retentionMs(retention) <= retentionMs(require.retention));
}
