import type { Guardrail } from '../ir/guardrail.ts';
import type { Ir } from '../ir/ir.ts';
import type { Origin } from '../ir/origin.ts';
import type { Arm, Route, Tier } from '../ir/route.ts';
import { type RouteDefaults, toldMutants } from './told-mutants.ts';

/** A tree with one mistake made on purpose. */
export interface Mutant {
  /** What was done, in words. */
  readonly what: string;
  readonly place: Origin;
  readonly ir: Ir;
}

/**
 * Mistakes in the routes and guardrails of a tree, one at a time. Of retries, time-outs and body limits only what is not
 * the default is one of them: what nobody wrote would count against every tree.
 */
export function* mutants(ir: Ir, defaults: RouteDefaults): Generator<Mutant> {
  for (const [index, route] of ir.routes.entries()) {
    const { name, origin } = route;
    yield { what: `route "${name}" dropped`, place: origin, ir: { ...ir, routes: ir.routes.toSpliced(index, 1) } };
    for (const { what, place, changed } of [...routeMutants(ir, route), ...toldMutants(route, defaults)]) {
      yield { what: `route "${name}": ${what}`, place, ir: { ...ir, routes: ir.routes.with(index, changed) } };
    }
  }
  for (const [index, guardrail] of ir.guardrails.entries()) {
    const { name, origin: place } = guardrail;
    const dropped = ir.guardrails.toSpliced(index, 1);
    yield { what: `guardrail "${name}" dropped`, place, ir: { ...ir, guardrails: dropped } };
    for (const { what, changed } of guardrailMutants(guardrail)) {
      yield {
        what: `guardrail "${name}": ${what}`,
        place,
        ir: { ...ir, guardrails: ir.guardrails.with(index, changed) },
      };
    }
  }
}

interface RouteMutant {
  readonly what: string;
  readonly place: Origin;
  readonly changed: Route;
}

function* routeMutants(ir: Ir, route: Route): Generator<RouteMutant> {
  const { origin: place, tiers, require, match } = route;
  const { regions, retention } = require;
  if (regions !== undefined) {
    const changed = { ...route, require: retention === undefined ? {} : { retention } };
    yield { what: 'require.regions dropped', place, changed };
  }
  if (retention !== undefined) {
    yield { what: 'require.retention dropped', place, changed: { ...route, require: regions ? { regions } : {} } };
  }
  for (const header of Object.keys(match.headers)) {
    const { [header]: _dropped, ...headers } = match.headers;
    yield {
      what: `header "${header}" dropped from the match`,
      place,
      changed: { ...route, match: { ...match, headers } },
    };
  }
  for (const label of Object.keys(match.labels)) {
    const { [label]: _dropped, ...labels } = match.labels;
    yield {
      what: `label "${label}" dropped from the match`,
      place,
      changed: { ...route, match: { ...match, labels } },
    };
  }
  for (const [index, tier] of tiers.entries()) {
    const next = tiers[index + 1];
    if (next !== undefined) {
      const swapped = tiers.with(index, next).with(index + 1, tier);
      yield {
        what: `tiers ${index + 1} and ${index + 2} swapped`,
        place: tier.origin,
        changed: { ...route, tiers: swapped },
      };
    }
    for (const mutant of tierMutants(ir, route, tier)) {
      const what = `tier ${index + 1}: ${mutant.what}`;
      yield { what, place: mutant.place, changed: { ...route, tiers: tiers.with(index, mutant.changed) } };
    }
  }
}

interface TierMutant {
  readonly what: string;
  readonly place: Origin;
  readonly changed: Tier;
}

function* tierMutants(ir: Ir, route: Route, tier: Tier): Generator<TierMutant> {
  const { arms, untilWaitMs, ...rest } = tier;
  if (untilWaitMs !== undefined) yield { what: 'until dropped', place: tier.origin, changed: { ...rest, arms } };
  for (const [index, arm] of arms.entries()) {
    if (arms.length > 1) {
      yield { what: `all weight on arm ${index + 1}`, place: arm.origin, changed: { ...tier, arms: [arm] } };
    }
    const offers = offersOf(ir, route, arm);
    for (const offer of offers.length > 1 ? offers : []) {
      const left = { ...arm, offers: offers.filter((name) => name !== offer) };
      yield { what: `offer "${offer}" dropped`, place: arm.origin, changed: { ...tier, arms: arms.with(index, left) } };
    }
  }
}

/** Names of the offers of an arm; for an arm without a list, those of its models. */
function offersOf(ir: Ir, { match }: Route, arm: Arm): readonly string[] {
  if (arm.offers !== undefined) return arm.offers;
  const isServed = (name: string): boolean => {
    if (arm.model !== undefined) return arm.model === name;
    return match.models === '*' || match.models.includes(name);
  };
  const models = ir.models.filter(({ name }) => isServed(name));
  return [...new Set(models.flatMap(({ offers }) => offers.map(({ name }) => name)))];
}

function* guardrailMutants(guardrail: Guardrail): Generator<{ what: string; changed: Guardrail }> {
  const { mode, onError, detectors, stages } = guardrail;
  if (mode === 'enforce') {
    yield { what: 'enforce turned into shadow', changed: { ...guardrail, mode: 'shadow' } };
    const other = onError === 'deny' ? 'allow' : 'deny';
    yield { what: `onError: ${onError} turned into ${other}`, changed: { ...guardrail, onError: other } };
  }
  for (const detector of detectors) {
    const left = detectors.filter((name) => name !== detector);
    yield { what: `detector "${detector}" dropped`, changed: { ...guardrail, detectors: left } };
  }
  for (const stage of stages.length > 1 ? stages : []) {
    const left = stages.filter((name) => name !== stage);
    yield { what: `stage "${stage}" dropped`, changed: { ...guardrail, stages: left } };
  }
}
