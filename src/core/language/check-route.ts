import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { modelNamed, type RouteNeighbours } from './catalog.ts';
import { listedTwice, starBesideNames } from './check-list.ts';
import { checkOffer } from './check-offer.ts';
import { checkDuration, checkSize } from './check-quantity.ts';
import { checkModels, checkName, checkTeams } from './check-reference.ts';
import type { DocumentOf } from './document.ts';

/** Below this no network answers; above it a connection is forgotten. */
export const TIMEOUT = { least: '10ms', most: '24h' };
const WAIT = { least: '1ms', most: '24h' };
/** Envoy holds the body of a request while it may be tried again. */
const BODY = { least: '1KiB', most: '32MiB' };

export function* checkRoute(document: DocumentOf<'Route'>, catalog: RouteNeighbours): Generator<Diagnostic> {
  const { match, require, retry, timeouts, body, targets } = document.spec;
  yield* checkModels(document, ['spec', 'match', 'models'], match.models, catalog);
  yield* checkTeams(document, ['spec', 'match', 'teams'], match.teams, catalog);
  for (const member of ['models', 'teams'] as const) {
    yield* listedTwice(document, ['spec', 'match', member], match[member]);
    yield* starBesideNames(document, ['spec', 'match', member], match[member]);
  }
  yield* listedTwice(document, ['spec', 'require', 'regions'], require.regions ?? []);
  yield* listedTwice(document, ['spec', 'retry', 'on'], retry.on.map(String));
  for (const [member, text] of Object.entries(timeouts)) {
    yield* checkDuration(document, ['spec', 'timeouts', member], text, TIMEOUT);
  }
  yield* checkSize(document, ['spec', 'body', 'max'], body.max, BODY);
  for (const index of targets.keys()) yield* checkTier(document, index, catalog);
}

function* checkTier(document: DocumentOf<'Route'>, index: number, catalog: RouteNeighbours): Generator<Diagnostic> {
  const path = ['spec', 'targets', index];
  const tier = document.spec.targets[index];
  if (tier === undefined) return;
  if (tier.until !== undefined) yield* checkDuration(document, [...path, 'until', 'wait'], tier.until.wait, WAIT);
  if (tier.split === undefined) {
    if (tier.model !== undefined) yield* checkName('Model', document, [...path, 'model'], tier.model, catalog);
    yield* checkOffers(document, path, tier.offers, tier.model, catalog);
    return;
  }
  for (const key of ['offers', 'model'] as const) {
    if (tier[key] === undefined) continue;
    const span = locate(document.source, [...path, key], 'key');
    const related = [{ message: 'the split is here', span: locate(document.source, [...path, 'split'], 'key') }];
    const hint = `move "${key}" into the arms of the split`;
    yield diagnostic('HG3215', span, `"${key}" says nothing beside "split"`, { related, hint });
  }
  for (const [number, arm] of tier.split.entries()) {
    const at = [...path, 'split', number];
    yield* checkName('Model', document, [...at, 'model'], arm.model, catalog);
    yield* checkOffers(document, at, arm.offers, arm.model, catalog);
  }
}

/** Without a model the offers are those of what is asked for: each name must be an offer of one of these models. */
function* checkOffers(
  document: DocumentOf<'Route'>,
  path: Path,
  offers: readonly string[] | undefined,
  model: string | undefined,
  catalog: RouteNeighbours,
): Generator<Diagnostic> {
  if (offers === undefined) return;
  const models = model === undefined ? askedFor(document, catalog) : [modelNamed(catalog, model)];
  yield* listedTwice(document, [...path, 'offers'], offers);
  for (const [index, name] of offers.entries()) {
    yield* checkOffer(document, [...path, 'offers', index], name, models, catalog);
  }
}

function askedFor(document: DocumentOf<'Route'>, catalog: RouteNeighbours): readonly string[] {
  const { models } = document.spec.match;
  return models.includes('*') ? [...catalog.claims.Model.keys()] : models.map((text) => modelNamed(catalog, text));
}
