import { present } from '../base/assert.ts';
import type { Draft, ModelDraft, OfferDraft } from './draft.ts';
import { KNOWN_ACCOUNTS } from './known-accounts.ts';
import { calledModel, guessedPrice, guessFacts } from './model-facts.ts';
import { at, child, isTrue, leaveOut, numberOf, type Place, type Source, textOf } from './source-place.ts';
import { addressedTarget, knownTarget, offerAt, type Target, type UpstreamKey } from './upstream-target.ts';
import { upstreamUrl } from './upstream-url.ts';

/** Prefixes of `model` that speak OpenAI's API at the `api_base`. */
const COMPATIBLE: readonly string[] = [
  'openai',
  'hosted_vllm',
  'vllm',
  'text-completion-openai',
  'openai_like',
  'custom_openai',
];
/** Ollama speaks it below /v1 of the address that LiteLLM is given. */
const OLLAMA: readonly string[] = ['ollama', 'ollama_chat'];
const CHAT_MODES: readonly string[] = ['chat', 'responses', 'completion'];
const TOKENS_PER_MILLION = 1_000_000;

/** One entry of `model_list`: an offer of the model that clients ask for. */
export function readDeployment(source: Source, draft: Draft, entry: Place): void {
  const parameters = child(source, entry, 'litellm_params');
  const named = namesOf(source, entry, parameters);
  const target = typeof named === 'string' ? named : targetOf(source, draft, parameters, named.prefix);
  if (typeof named === 'string' || typeof target === 'string') {
    leaveOut(source, entry, String(target));
    return;
  }
  const model = calledModel(source, draft, named.called, entry);
  readFacts(source, entry, model);
  const rank = numberOf(child(source, parameters, 'order'));
  const facts = { upstreamModel: named.upstream, price: priceOf(source, entry) };
  offerAt(draft, model, target, rank === undefined ? facts : { ...facts, rank });
  leaveLimits(source, parameters);
}

interface Names {
  /** What clients ask for. */
  readonly called: string;
  /** The kind of provider, and the name that it has for the model. */
  readonly prefix: string;
  readonly upstream: string;
}

/** The names of a deployment, or why it cannot be imported. */
function namesOf(source: Source, entry: Place, parameters: Place | undefined): Names | string {
  const called = textOf(child(source, entry, 'model_name'));
  const model = textOf(child(source, parameters, 'model'));
  if (called === undefined || model === undefined) return 'it has no model_name or no litellm_params.model';
  if (called.includes('*') || model.includes('*')) {
    return 'a wildcard: the catalog names each model, so that each has a price';
  }
  const mode = textOf(at(source, entry, 'model_info', 'mode'));
  if (mode !== undefined && !CHAT_MODES.includes(mode)) return `the mode ${mode} is not built yet`;
  return { called, ...parted(model) };
}

function parted(model: string): Pick<Names, 'prefix' | 'upstream'> {
  const cut = model.indexOf('/');
  const prefix = model.slice(0, cut);
  const known = Object.hasOwn(KNOWN_ACCOUNTS, prefix) || COMPATIBLE.includes(prefix) || OLLAMA.includes(prefix);
  // A name with a slash and no known prefix is that of a provider which is not built, such as bedrock/...
  if (cut === -1) return { prefix: 'openai', upstream: model };
  return known ? { prefix, upstream: model.slice(cut + 1) } : { prefix, upstream: model };
}

/** Where the offer is served, or why that cannot be said. */
function targetOf(source: Source, draft: Draft, parameters: Place | undefined, prefix: string): Target | string {
  const base = textOf(child(source, parameters, 'api_base')) ?? textOf(child(source, parameters, 'base_url'));
  const key = keyOf(child(source, parameters, 'api_key'));
  const takesAddress = COMPATIBLE.includes(prefix) || OLLAMA.includes(prefix);
  if (base === undefined && takesAddress && !Object.hasOwn(KNOWN_ACCOUNTS, prefix)) return 'it has no api_base';
  if (!takesAddress && !Object.hasOwn(KNOWN_ACCOUNTS, prefix))
    return `providers of the type ${prefix} are not built yet`;
  if (base === undefined) return present(knownTarget(source, draft, prefix, key), 'a known account');
  const url = upstreamUrl(OLLAMA.includes(prefix) ? `${base.replace(/\/+$/, '')}/v1` : base);
  if (url === undefined) return 'its api_base is no plain http or https address';
  if (prefix !== 'hosted_vllm' || url.address === undefined || url.secure)
    return addressedTarget(source, draft, url, key);
  if (key.kind !== 'none') leaveOut(source, key.place, 'own engines get no key');
  return { kind: 'engine', address: url.address };
}

/** Keys that people write where none is needed. */
const NO_KEYS: readonly string[] = [
  '',
  'none',
  'dummy',
  'fake',
  'fake-key',
  'not-needed',
  'empty',
  'sk-1234',
  'anything',
];

function keyOf(place: Place | undefined): UpstreamKey {
  const text = textOf(place) ?? '';
  if (place === undefined || NO_KEYS.includes(text.toLowerCase())) return { kind: 'none' };
  const name = /^os\.environ\/(\w+)$/.exec(text)?.[1];
  return name === undefined ? { kind: 'clear', place } : { kind: 'variable', name, place };
}

function readFacts(source: Source, entry: Place, model: ModelDraft): void {
  const info = child(source, entry, 'model_info');
  const context = numberOf(child(source, info, 'max_input_tokens')) ?? numberOf(child(source, info, 'max_tokens'));
  const maxOutput = numberOf(child(source, info, 'max_output_tokens'));
  if (maxOutput !== undefined) model.maxOutput = Math.min(maxOutput, model.maxOutput ?? maxOutput);
  if (context !== undefined) model.context = Math.min(context, model.context ?? context);
  // The name of a deployment: our offers have their own.
  child(source, info, 'id');
  const told = CAPABILITIES.filter(([key]) => isTrue(child(source, info, key))).map(([, capability]) => capability);
  for (const capability of told.length > 0 ? ['streaming', ...told] : []) model.capabilities.add(capability);
  guessFacts(source, model, entry);
}

const CAPABILITIES = [
  ['supports_function_calling', 'tools'],
  ['supports_response_schema', 'jsonSchema'],
  ['supports_vision', 'vision'],
  ['supports_reasoning', 'reasoning'],
] as const;

function priceOf(source: Source, entry: Place): OfferDraft['price'] {
  const perMillion = (key: string): number | undefined => {
    const cost = numberOf(at(source, entry, 'model_info', key)) ?? numberOf(at(source, entry, 'litellm_params', key));
    return cost === undefined ? undefined : Number((cost * TOKENS_PER_MILLION).toPrecision(12));
  };
  const input = perMillion('input_cost_per_token');
  const output = perMillion('output_cost_per_token');
  const cachedInput = perMillion('cache_read_input_token_cost');
  if (input === undefined || output === undefined) return guessedPrice(source, entry);
  return { input, ...(cachedInput === undefined ? {} : { cachedInput }), output };
}

function leaveLimits(source: Source, parameters: Place | undefined): void {
  for (const key of ['rpm', 'tpm', 'max_parallel_requests']) {
    leaveOut(source, child(source, parameters, key), 'limits of accounts are not built yet');
  }
  leaveOut(source, child(source, parameters, 'weight'), 'weights stand between models, not between offers of one');
}
