import { type Draft, freeLabel, type ModelDraft, type TierDraft } from './draft.ts';
import { calledModel } from './model-facts.ts';
import { child, items, leaveOut, numberOf, type Place, type Source, textOf } from './source-place.ts';

/**
 * `llm.virtualModels`: a name for several models. It becomes a model with the offers of all of them: by priority they
 * are tiers, by weight a split over the models themselves.
 */
export function readVirtualModels(source: Source, draft: Draft, llm: Place | undefined): void {
  for (const entry of items(source, child(source, llm, 'virtualModels'))) {
    const called = textOf(child(source, entry, 'name'));
    const routing = child(source, entry, 'routing');
    const failover = targetsOf(source, draft, child(source, routing, 'failover'), 'priority');
    const weighted = targetsOf(source, draft, child(source, routing, 'weighted'), 'weight');
    const targets = failover ?? weighted;
    if (called === undefined || targets === undefined || targets.length === 0) {
      leaveOut(source, entry, 'conditions over requests are policies: write them in Rego');
      continue;
    }
    const model = calledModel(source, draft, called, entry);
    const tiers = failover === undefined ? splitOf(targets) : tiersOf(model, targets);
    if (failover === undefined) for (const target of targets) copyOffers(model, target.model);
    copyFacts(model, targets);
    const name = freeLabel(model.name, (label) => draft.routes.some((route) => route.name === label));
    draft.routes.push({ name, models: [model.name], headers: {}, targets: tiers });
  }
}

interface VirtualTarget {
  readonly model: ModelDraft;
  /** Its priority or its weight. */
  readonly rank: number;
}

function targetsOf(source: Source, draft: Draft, place: Place | undefined, key: string): VirtualTarget[] | undefined {
  if (place === undefined) return undefined;
  return items(source, child(source, place, 'targets')).flatMap((target) => {
    const model = draft.models.get(textOf(child(source, target, 'model')) ?? '');
    const rank = numberOf(child(source, target, key)) ?? 1;
    if (model !== undefined && !(key === 'weight' && rank === 0)) return [{ model, rank }];
    leaveOut(source, target, model === undefined ? 'the model is not imported' : 'a share of nothing');
    return [];
  });
}

function splitOf(targets: readonly VirtualTarget[]): TierDraft[] {
  return [{ split: targets.map(({ model, rank }) => ({ model: model.name, weight: rank })) }];
}

function tiersOf(model: ModelDraft, targets: readonly VirtualTarget[]): TierDraft[] {
  const ranks = [...new Set(targets.map(({ rank }) => rank))].sort((left, right) => left - right);
  return ranks.map((rank) => ({
    offers: targets.filter((target) => target.rank === rank).flatMap((target) => copyOffers(model, target.model)),
  }));
}

/** The names of the copies. */
function copyOffers(model: ModelDraft, from: ModelDraft): string[] {
  return from.offers.map((offer) => {
    const name = freeLabel(from.name, (label) => model.offers.some((other) => other.name === label));
    model.offers.push({ ...offer, name });
    return name;
  });
}

/** A model of several can do what each of them can. */
function copyFacts(model: ModelDraft, targets: readonly VirtualTarget[]): void {
  const [first, ...rest] = targets.map((target) => target.model);
  model.context = Math.min(...targets.map((target) => target.model.context ?? Number.POSITIVE_INFINITY));
  for (const capability of first?.capabilities ?? []) {
    if (rest.every((other) => other.capabilities.has(capability))) model.capabilities.add(capability);
  }
}
