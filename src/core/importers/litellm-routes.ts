import type { Draft, ModelDraft, OfferDraft, TierDraft } from './draft.ts';
import { child, entries, items, leaveOut, numberOf, type Place, type Source, textOf } from './source-place.ts';

/** More tries than a route may have. */
const ATTEMPTS_MAX = 8;
const ORDERS: Readonly<Record<string, TierDraft['order'] | 'listed'>> = {
  'cost-based-routing': 'price',
  'least-busy': 'load',
  'simple-shuffle': 'listed',
};

/** A route for each model: its offers, then the models that it falls back to. */
export function readLitellmRoutes(source: Source, draft: Draft, root: Place): void {
  const settings = [child(source, root, 'router_settings'), child(source, root, 'litellm_settings')];
  const order = orderOf(source, settings[0]);
  readAliases(source, draft, settings[0]);
  const retries = firstNumber(source, settings, 'num_retries');
  const seconds = firstNumber(source, settings, 'timeout') ?? firstNumber(source, settings, 'request_timeout');
  const fallbacks = settings.flatMap((place) =>
    FALLBACKS.flatMap((key) => pairsOf(source, draft, child(source, place, key))),
  );
  const defaults = settings.flatMap((place) => namesOf(source, draft, child(source, place, 'default_fallbacks')));
  for (const model of draft.models.values()) {
    const behind = [...fallbacks.filter(({ from }) => from === model.name).flatMap(({ to }) => to), ...defaults];
    const others = [...new Set(behind)].filter((name) => name !== model.name);
    draft.routes.push({
      name: model.name,
      models: [model.name],
      headers: {},
      targets: [...ownTiers(model, order), ...others.map((other) => ({ model: other }))],
      ...(retries === undefined ? {} : { attempts: Math.min(ATTEMPTS_MAX, retries + 1) }),
      ...(seconds === undefined ? {} : { answerSeconds: Math.max(1, Math.round(seconds)) }),
    });
  }
}

/** Both are tiers for us: an offer whose context is too small is removed by itself. */
const FALLBACKS = ['fallbacks', 'context_window_fallbacks'];

/** The offers of the model: one tier, or one for each `order` that its deployments have; those without one come last. */
function ownTiers(model: ModelDraft, order: TierDraft['order'] | 'listed'): TierDraft[] {
  const rankOf = ({ rank }: OfferDraft) => rank ?? Number.POSITIVE_INFINITY;
  const ranks = [...new Set(model.offers.map(rankOf))].sort((left, right) => left - right);
  return ranks.map((rank) => {
    const offers = model.offers.filter((offer) => rankOf(offer) === rank).map(({ name }) => name);
    return order === undefined || order === 'listed' || offers.length === 1 ? { offers } : { offers, order };
  });
}

function orderOf(source: Source, settings: Place | undefined): TierDraft['order'] | 'listed' {
  const place = child(source, settings, 'routing_strategy');
  const strategy = textOf(place);
  if (strategy === undefined) return 'listed';
  const order = ORDERS[strategy];
  if (order === undefined)
    leaveOut(source, place, 'an order that is not built: the offers are tried as they are listed');
  return order ?? 'listed';
}

function readAliases(source: Source, draft: Draft, settings: Place | undefined): void {
  for (const { key, value } of entries(source, child(source, settings, 'model_group_alias'))) {
    const model = draft.models.get(textOf(value) ?? textOf(child(source, value, 'model')) ?? '');
    if (model === undefined) leaveOut(source, value, 'the model that it stands for is not imported');
    else model.aliases.add(key);
  }
}

function firstNumber(source: Source, settings: readonly (Place | undefined)[], key: string): number | undefined {
  return settings.map((place) => numberOf(child(source, place, key))).find((value) => value !== undefined);
}

/** `[ { a: [ b, c ] } ]`: for each model those that it falls back to, as far as they were imported. */
function pairsOf(source: Source, draft: Draft, place: Place | undefined): { from: string; to: string[] }[] {
  return items(source, place).flatMap((item) =>
    entries(source, item).flatMap(({ key, value }) => {
      const from = draft.models.get(key)?.name;
      if (from === undefined) {
        leaveOut(source, value, 'the model that it is for is not imported');
        return [];
      }
      return [{ from, to: namesOf(source, draft, value) }];
    }),
  );
}

function namesOf(source: Source, draft: Draft, place: Place | undefined): string[] {
  return items(source, place).flatMap((item) => {
    const model = draft.models.get(textOf(item) ?? '');
    if (model === undefined) leaveOut(source, item, 'the model is not imported');
    return model === undefined ? [] : [model.name];
  });
}
