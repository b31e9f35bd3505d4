import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { routeMatchOf } from './route-match-of.ts';

type Offer = DocumentOf<'Model'>['spec']['offers'][number];
type Tier = DocumentOf<'Route'>['spec']['targets'][number];

/** What runs on own servers stays there. */
const POOL_RETENTION = 'zero';

/** Tiers of which no offer is where, and keeps what, the route requires: they stand in the file and are never used. */
export function* checkRouteRequirements(route: DocumentOf<'Route'>, catalog: Catalog): Generator<Diagnostic> {
  const { require, targets } = route.spec;
  if (require.regions === undefined && require.retention === undefined) return;
  for (const [index, tier] of targets.entries()) {
    const offers = [...offersOf(tier, route, catalog)];
    if (offers.length === 0 || offers.some((offer) => meets(offer, require, catalog))) continue;
    const span = locate(route.source, ['spec', 'targets', index]);
    const related = [{ message: 'what it must meet is here', span: locate(route.source, ['spec', 'require'], 'key') }];
    const message = 'no offer of this tier meets what the route requires, so it is never used';
    yield diagnostic('HG3303', span, message, { related, hint: 'remove the tier, or name offers that meet it' });
  }
}

function* offersOf(tier: Tier, route: DocumentOf<'Route'>, catalog: Catalog): Generator<Offer> {
  for (const arm of tier.split ?? [tier]) {
    for (const model of modelsOf(arm.model, route, catalog)) {
      const offers = catalog.byKind.Model.get(model)?.spec.offers ?? [];
      for (const offer of offers) if (arm.offers?.includes(offer.name) ?? true) yield offer;
    }
  }
}

function modelsOf(model: string | undefined, route: DocumentOf<'Route'>, catalog: Catalog): Iterable<string> {
  if (model !== undefined) return [modelNamed(catalog, model)];
  const { models } = routeMatchOf(route, catalog);
  return models === '*' ? catalog.byKind.Model.keys() : models;
}

/** A pool or provider that is itself wrong may meet anything. */
function meets(offer: Offer, require: DocumentOf<'Route'>['spec']['require'], { byKind }: Catalog): boolean {
  const pool = byKind.Pool.get(offer.pool ?? '');
  const provider = byKind.Provider.get(offer.provider ?? '');
  const target = pool ?? provider;
  if (target === undefined) return true;
  const retention = provider === undefined ? POOL_RETENTION : provider.spec.retention;
  const inRegion = require.regions?.includes(target.spec.region ?? '') ?? true;
  return inRegion && (require.retention === undefined || retention === require.retention);
}
