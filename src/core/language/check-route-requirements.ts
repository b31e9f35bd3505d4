import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import type { RouteNeighbours } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { armOffers, armsOf, askedModels, meetsRequirement } from './route-offers.ts';

/** Tiers of which no offer is where, and keeps what, the route requires: they stand in the file and are never used. */
export function* checkRouteRequirements(route: DocumentOf<'Route'>, catalog: RouteNeighbours): Generator<Diagnostic> {
  const { require, targets } = route.spec;
  if (require.regions === undefined && require.retention === undefined) return;
  for (const [index, tier] of targets.entries()) {
    const arms = armsOf(tier, index, catalog);
    const asked = askedModels(route, catalog);
    const offers = arms.flatMap((arm) => asked.flatMap((model) => armOffers(arm, model.name, catalog)));
    if (offers.length === 0 || offers.some((offer) => meetsRequirement(offer, require, catalog))) continue;
    const span = locate(route.source, ['spec', 'targets', index]);
    const related = [{ message: 'what it must meet is here', span: locate(route.source, ['spec', 'require'], 'key') }];
    const message = 'no offer of this tier meets what the route requires, so it is never used';
    yield diagnostic('HG3303', span, message, { related, hint: 'remove the tier, or name offers that meet it' });
  }
}
