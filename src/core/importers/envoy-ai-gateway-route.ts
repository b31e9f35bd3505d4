import { type Draft, freeLabel, type ModelDraft, type TierDraft } from './draft.ts';
import { backendTarget } from './envoy-ai-gateway-backend.ts';
import type { Manifest, Manifests } from './envoy-manifests.ts';
import { calledModel, guessedPrice, guessFacts } from './model-facts.ts';
import { at, child, items, leaveOut, numberOf, type Place, passOver, type Source, textOf } from './source-place.ts';
import { offerAt } from './upstream-target.ts';

/** The header into which Envoy AI Gateway writes the model of the request. */
const MODEL_HEADER = 'x-ai-eg-model';
const ATTEMPTS_MAX = 8;

/** Each rule that names a model becomes a route; its backends become offers, their priorities tiers. */
export function readAiGatewayRoute(source: Source, draft: Draft, manifests: Manifests, route: Manifest): void {
  for (const key of ['parentRefs', 'schema', 'targetRefs']) passOver(source, child(source, route.spec, key));
  const attempts = attemptsOf(source, manifests, route.name);
  for (const rule of items(source, child(source, route.spec, 'rules'))) {
    const matches = items(source, child(source, rule, 'matches')).map((match) => matchOf(source, match));
    const references = items(source, child(source, rule, 'backendRefs'));
    for (const match of matches) {
      if (typeof match === 'string') leaveOut(source, rule, match);
      else readRule(source, { draft, manifests, rule, references, attempts, ...match });
    }
    if (matches.length === 0) leaveOut(source, rule, 'it names no model: the catalog names each one');
  }
}

interface Match {
  readonly called: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Rule extends Match {
  readonly draft: Draft;
  readonly manifests: Manifests;
  readonly rule: Place;
  readonly references: readonly Place[];
  readonly attempts: { readonly attempts?: number };
}

function readRule(source: Source, described: Rule): void {
  const { draft, rule, references, attempts, called, headers } = described;
  const model = calledModel(source, draft, called, rule);
  const tiers = new Map<number, string[]>();
  const weights = new Set<number>();
  for (const reference of references) {
    const offer = readReference(source, described, model, reference);
    const priority = numberOf(child(source, reference, 'priority')) ?? 0;
    weights.add(numberOf(child(source, reference, 'weight')) ?? 1);
    if (offer !== undefined) tiers.set(priority, [...(tiers.get(priority) ?? []), offer]);
  }
  if (tiers.size === 0) {
    if (model.offers.length === 0) draft.models.delete(called);
    leaveOut(source, rule, 'none of its backends is imported');
    return;
  }
  if (weights.size > 1) leaveOut(source, references[0], 'weights stand between models, not between offers of one');
  guessFacts(source, model, rule);
  const targets: TierDraft[] = [...tiers].sort(([left], [right]) => left - right).map(([, offers]) => ({ offers }));
  const name = freeLabel(model.name, (label) => draft.routes.some((other) => other.name === label));
  const seconds = secondsOf(textOf(at(source, rule, 'timeouts', 'request')));
  const answer = seconds === undefined ? {} : { answerSeconds: seconds };
  draft.routes.push({ name, models: [model.name], headers, targets, ...attempts, ...answer });
}

/** The name of the offer that the reference becomes. */
function readReference(
  source: Source,
  { draft, manifests, called }: Rule,
  model: ModelDraft,
  reference: Place,
): string | undefined {
  const target = backendTarget(source, draft, manifests, reference);
  if (typeof target === 'string') {
    leaveOut(source, reference, target);
    return undefined;
  }
  const upstreamModel = textOf(child(source, reference, 'modelNameOverride')) ?? called;
  return offerAt(draft, model, target, { upstreamModel, price: guessedPrice(source, reference) });
}

/** The model and the other headers of a match, or why it has no counterpart. */
function matchOf(source: Source, match: Place): Match | string {
  const headers: Record<string, string> = {};
  let called: string | undefined;
  for (const header of items(source, child(source, match, 'headers'))) {
    const name = textOf(child(source, header, 'name'))?.toLowerCase() ?? '';
    const value = textOf(child(source, header, 'value'));
    const isExact = (textOf(child(source, header, 'type')) ?? 'Exact') === 'Exact';
    if (!isExact || value === undefined) return 'it matches more than exact values of headers';
    if (name === MODEL_HEADER) called = value;
    else headers[name] = value;
  }
  return called === undefined ? 'it names no model: the catalog names each one' : { called, headers };
}

/** Retries stand in a policy over the HTTPRoute that is made of the route, and has its name. */
function attemptsOf(source: Source, manifests: Manifests, route: string): { attempts?: number } {
  const [policy] = manifests.targeting('BackendTrafficPolicy', route);
  const retries = numberOf(at(source, policy?.spec, 'retry', 'numRetries'));
  return retries === undefined ? {} : { attempts: Math.min(ATTEMPTS_MAX, retries + 1) };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** A Go duration of one unit; others are left as a remark by being unread. */
function secondsOf(text: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(text ?? '') ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (SECONDS[unit] ?? 1);
}
