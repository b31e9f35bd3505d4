import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { offerId } from '../ir/model.ts';
import type { RouteNeighbours } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { type ArmOffer, armOffers, armsOf, askedModels, meetsRequirement, type WrittenArm } from './route-offers.ts';

type Route = DocumentOf<'Route'>;

/** The offers of each arm of each tier for one asked model. A request sees one arm of a tier. */
interface AskedTiers {
  readonly asked: string;
  readonly tiers: readonly (readonly (readonly ArmOffer[])[])[];
}

/** Tiers that read as failover and are none. Each problem is told for the first model that it shows with. */
export function* checkFailover(route: Route, catalog: RouteNeighbours): Generator<Diagnostic> {
  const { targets, require } = route.spec;
  if (targets.length < 2) return;
  const arms = targets.map((tier, index) => armsOf(tier, index, catalog));
  const asked = askedModels(route, catalog);
  const offersOf = (arm: WrittenArm, model: string) =>
    armOffers(arm, model, catalog).filter((offer) => meetsRequirement(offer, require, catalog));
  // A name that leads nowhere is told where it stands: what the tier would be with it is not known.
  const known = (arm: WrittenArm) =>
    new Set(asked.flatMap(({ name }) => armOffers(arm, name, catalog).map(({ offer }) => offer.name)));
  if (arms.flat().some((arm) => arm.offers?.some((name) => !known(arm).has(name)) ?? known(arm).size === 0)) return;
  const all = asked.map(({ name }) => ({
    asked: name,
    tiers: arms.map((tier) => tier.map((arm) => offersOf(arm, name))),
  }));
  yield* repeatedTiers(route, all);
  yield* sharedFate(route, all);
  yield* preventedByName(route, all);
}

/** An offer counts in the first tier that keeps it; only `until` lets go of one that could serve. */
function* repeatedTiers(route: Route, all: readonly AskedTiers[]): Generator<Diagnostic> {
  for (const index of route.spec.targets.keys()) {
    const adds = all.some(({ tiers }) => {
      const earlier = tiers.slice(0, index).filter((_tier, number) => route.spec.targets[number]?.until === undefined);
      const isKnown = (id: string) =>
        earlier.some((arms) => arms.every((offers) => offers.some((offer) => idOf(offer) === id)));
      return (tiers[index] ?? []).flat().some((offer) => !isKnown(idOf(offer)));
    });
    const holdsAny = all.some(({ tiers }) => (tiers[index] ?? []).flat().length > 0);
    if (adds || !holdsAny) continue;
    const span = locate(route.source, ['spec', 'targets', index]);
    const message = 'every offer of this tier stands in an earlier one, so it is never reached';
    yield diagnostic('HG3307', span, message, { hint: 'remove the tier, or name other offers' });
  }
}

/**
 * All tiers end at one pool or at one provider: what takes the first one down takes down all. Where they serve different
 * models, they may be there for the sake of the model.
 */
function* sharedFate(route: Route, all: readonly AskedTiers[]): Generator<Diagnostic> {
  for (const { asked, tiers } of all) {
    const offers = new Map(tiers.flat(2).map((item) => [idOf(item), item]));
    const models = new Set([...offers.values()].map(({ model }) => model));
    const domains = new Set([...offers.values()].map(domainOf));
    const [domain] = domains;
    if (offers.size < 2 || models.size > 1 || domains.size > 1 || domain === undefined) continue;
    const message = `every tier for ${quoted(asked)} ends at the ${domain}`;
    const hint = 'let one tier end at another pool or provider';
    yield diagnostic('HG3306', locate(route.source, ['spec', 'targets'], 'key'), message, { hint });
    return;
  }
}

/**
 * All pools of one list of attempts, and all tries at one provider, send the model by one name: an offer with another
 * one is left out behind them. Splits are not looked at: a request sees one of their arms.
 */
function* preventedByName(route: Route, all: readonly AskedTiers[]): Generator<Diagnostic> {
  const { targets } = route.spec;
  const whole = targets.map((tier) => tier.split === undefined);
  for (const [index] of targets.entries()) {
    if (whole[index] !== true) continue;
    for (const { tiers } of all) {
      const earlier = tiers
        .slice(0, index)
        .filter((_tier, number) => whole[number] === true)
        .flat(2);
      const clash = firstClash((tiers[index] ?? []).flat(), earlier);
      if (clash === undefined) continue;
      const [later, before] = clash;
      const message = `${quoted(idOf(later))} is left out whenever ${quoted(idOf(before))} is tried: it calls the model ${quoted(later.offer.upstreamModel)}, and not ${quoted(before.offer.upstreamModel)}`;
      const hint = 'serve the model by one name in both places, or fail over to a provider of its own';
      yield diagnostic('HG3308', locate(route.source, ['spec', 'targets', index]), message, { hint });
      break;
    }
  }
}

function firstClash(later: readonly ArmOffer[], earlier: readonly ArmOffer[]): [ArmOffer, ArmOffer] | undefined {
  for (const item of later) {
    const before = earlier.find((other) => carrierOf(other) === carrierOf(item));
    if (before !== undefined && before.offer.upstreamModel !== item.offer.upstreamModel) return [item, before];
  }
  return undefined;
}

/** What must send one name: the pools together, each provider by itself. */
function carrierOf({ offer }: ArmOffer): string {
  return offer.provider === undefined ? 'pools' : `provider ${offer.provider}`;
}

function domainOf({ offer }: ArmOffer): string {
  return offer.provider === undefined ? `pool ${quoted(offer.pool ?? '')}` : `provider ${quoted(offer.provider)}`;
}

function idOf({ model, offer }: ArmOffer): string {
  return offerId(model, offer.name);
}
