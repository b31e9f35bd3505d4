import { agentgatewayTarget, providerWord } from './agentgateway-upstream.ts';
import { type Draft, freeLabel } from './draft.ts';
import { calledModel, guessedPrice, guessFacts } from './model-facts.ts';
import { at, child, items, leaveOut, type Place, type Source, textOf, toCheck } from './source-place.ts';
import { offerAt } from './upstream-target.ts';

/** The words for providers in `binds`, as keys. */
const PROVIDERS = ['openAI', 'openai', 'gemini', 'vertex', 'anthropic', 'bedrock', 'azureOpenAI', 'azure', 'copilot'];

/** One of `binds`: AI backends that name a model. */
export function readBinds(source: Source, draft: Draft, bind: Place): void {
  for (const listener of items(source, child(source, bind, 'listeners'))) {
    for (const name of ['name', 'protocol']) child(source, listener, name);
    for (const route of items(source, child(source, listener, 'routes'))) readRoute(source, draft, route);
  }
}

function readRoute(source: Source, draft: Draft, route: Place): void {
  child(source, route, 'name');
  leaveOut(source, child(source, route, 'matches'), 'a route takes models, not paths');
  const key = at(source, route, 'policies', 'backendAuth', 'key');
  for (const backend of items(source, child(source, route, 'backends'))) readBackend(source, draft, backend, key);
}

function readBackend(source: Source, draft: Draft, backend: Place, routeKey: Place | undefined): void {
  const ai = child(source, backend, 'ai');
  child(source, ai, 'name');
  const provider = providerWord(source, child(source, ai, 'provider'), PROVIDERS);
  const called = textOf(child(source, provider?.below, 'model'));
  if (ai === undefined || provider === undefined || called === undefined) {
    leaveOut(
      source,
      backend,
      ai === undefined ? 'only AI backends are imported' : 'it names no model: write one into the catalog',
    );
    return;
  }
  const key = at(source, backend, 'policies', 'backendAuth', 'key') ?? routeKey;
  const hostOverride = child(source, ai, 'hostOverride');
  const target = agentgatewayTarget(source, draft, { word: provider.word, hostOverride, key });
  if (typeof target === 'string') {
    leaveOut(source, backend, target);
    return;
  }
  const model = calledModel(source, draft, called, backend);
  guessFacts(source, model, backend);
  const offer = offerAt(draft, model, target, { upstreamModel: called, price: guessedPrice(source, backend) });
  toCheck(source, backend, `requests for any model came here: now only those for ${model.name}`);
  const known = draft.routes.find(({ models }) => models[0] === model.name);
  if (known !== undefined) return;
  const name = freeLabel(model.name, (label) => draft.routes.some((other) => other.name === label));
  draft.routes.push({ name, models: [model.name], headers: {}, targets: [{ offers: [offer] }] });
}
