import { type AgentgatewayUpstream, agentgatewayTarget, providerWord } from './agentgateway-upstream.ts';
import { type Draft, freeLabel, type ModelDraft } from './draft.ts';
import { exactHeaders } from './header-matches.ts';
import { calledModel, guessedPrice, guessFacts } from './model-facts.ts';
import { child, items, leaveOut, type Place, type Source, textOf } from './source-place.ts';
import { offerAt } from './upstream-target.ts';

/** `llm.models`: each entry is an offer of the model of its name, and a route where clients may ask for it. */
export function readLlmModels(source: Source, draft: Draft, llm: Place | undefined): void {
  const providers = new Map(
    items(source, child(source, llm, 'providers')).map((place) => [textOf(child(source, place, 'name')), place]),
  );
  for (const entry of items(source, child(source, llm, 'models'))) readModel(source, draft, providers, entry);
}

type Providers = ReadonlyMap<string | undefined, Place>;

function readModel(source: Source, draft: Draft, providers: Providers, entry: Place): void {
  const called = textOf(child(source, entry, 'name'));
  if (called === undefined || called.includes('*')) {
    leaveOut(source, entry, 'a wildcard: the catalog names each model, so that each has a price');
    return;
  }
  const upstream = upstreamOf(source, providers, entry);
  const target = typeof upstream === 'string' ? upstream : agentgatewayTarget(source, draft, upstream);
  const headers = exactHeaders(source, items(source, child(source, entry, 'matches')));
  if (typeof target === 'string' || headers === undefined) {
    leaveOut(source, entry, typeof target === 'string' ? target : 'it matches more than exact values of headers');
    return;
  }
  const model = calledModel(source, draft, called, entry);
  guessFacts(source, model, entry);
  const upstreamModel = textOf(child(source, child(source, entry, 'params'), 'model')) ?? called;
  const offer = offerAt(draft, model, target, { upstreamModel, price: guessedPrice(source, entry) });
  if (textOf(child(source, entry, 'visibility')) !== 'internal') addRoute(draft, model, headers, offer);
}

/** A second entry of the same name and headers is one more offer of the route. */
function addRoute(draft: Draft, model: ModelDraft, headers: Readonly<Record<string, string>>, offer: string): void {
  const same = draft.routes.findIndex(
    (route) => route.models[0] === model.name && JSON.stringify(route.headers) === JSON.stringify(headers),
  );
  const known = draft.routes[same];
  if (known !== undefined) {
    const offers = [...new Set([...(known.targets[0]?.offers ?? []), offer])];
    draft.routes[same] = { ...known, targets: [{ offers }] };
    return;
  }
  const name = freeLabel(model.name, (label) => draft.routes.some((route) => route.name === label));
  draft.routes.push({ name, models: [model.name], headers, targets: [{ offers: [offer] }] });
}

function upstreamOf(source: Source, providers: Providers, entry: Place): AgentgatewayUpstream | string {
  const place = child(source, entry, 'provider');
  const reference = textOf(child(source, place, 'reference'));
  const shared = reference === undefined ? undefined : providers.get(reference);
  if (reference !== undefined && shared === undefined) return `there is no provider ${reference}`;
  const own = child(source, entry, 'params');
  const common = child(source, shared, 'params');
  const named = providerWord(source, shared === undefined ? place : child(source, shared, 'provider'), ['custom']);
  if (named === undefined) return 'its provider has no form that is known';
  // Which APIs a custom provider speaks: ours speak that of OpenAI.
  const formats = items(source, child(source, named.below, 'formats')).map((item) =>
    textOf(child(source, item, 'type')),
  );
  if (formats.length > 0 && !formats.includes('completions')) return 'it does not speak the API of OpenAI';
  const first = (key: string) => child(source, own, key) ?? child(source, common, key);
  return { word: named.word, base: first('baseUrl'), hostOverride: first('hostOverride'), key: first('apiKey') };
}
