import { perObjects } from '../base/remember.ts';
import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { type Catalog, nameSpan, type RouteNeighbours, routeNeighbours } from './catalog.ts';
import { checkFailover } from './check-failover.ts';
import { checkFleets } from './check-fleet.ts';
import { checkGuardrail } from './check-guardrail.ts';
import { checkGuardrailReach } from './check-guardrail-reach.ts';
import { checkKeys, checkTeam } from './check-identity.ts';
import { checkLifecycles } from './check-lifecycle.ts';
import { checkModel } from './check-model.ts';
import { checkPools } from './check-pool.ts';
import { checkProvider } from './check-provider.ts';
import { checkRoute } from './check-route.ts';
import { checkRouteRequirements } from './check-route-requirements.ts';
import { checkRouteShadows } from './check-route-shadows.ts';
import { checkRouteTies } from './check-route-ties.ts';
import { checkSubstitutes } from './check-substitutes.ts';
import { checkTests } from './check-test.ts';
import type { Declaration, DocumentOf } from './document.ts';
import { routeCells } from './route-cells.ts';

/** Everything that the shape of one document cannot tell: references, and rules across fields and documents. */
export function* checkDocuments(catalog: Catalog, declarations: readonly Declaration[]): Generator<Diagnostic> {
  yield* checkNames(declarations);
  for (const provider of catalog.byKind.Provider.values()) yield* checkProvider(provider, catalog);
  yield* checkPools(catalog);
  for (const model of catalog.byKind.Model.values()) yield* checkModel(model, catalog);
  yield* checkLifecycles(catalog);
  const neighbours = routeNeighbours(catalog);
  for (const route of catalog.byKind.Route.values()) yield* checksOfRoute(route, neighbours);
  for (const guardrail of catalog.byKind.Guardrail.values()) yield* checkGuardrail(guardrail, catalog);
  for (const team of catalog.byKind.Team.values()) yield* checkTeam(team, catalog);
  yield* checkKeys(catalog);
  yield* checkFleets(catalog);
  yield* checkTests(catalog);
  yield* checkRouteOrder(catalog);
}

/** What is said of a route by itself, which stands for as long as neither it nor what it may name changes. */
const checksOfRoute = perObjects((route: DocumentOf<'Route'>, neighbours: RouteNeighbours): readonly Diagnostic[] => [
  ...checkRoute(route, neighbours),
  ...checkRouteRequirements(route, neighbours),
  ...checkSubstitutes(route, neighbours),
  ...checkFailover(route, neighbours),
]);

/** Which route wins is judged only where every route, model and team could be read: else it is not this tree's answer. */
function* checkRouteOrder(catalog: Catalog): Generator<Diagnostic> {
  const { claims, byKind } = catalog;
  const whole = (['Route', 'Model', 'Team'] as const).every((kind) => claims[kind].size === byKind[kind].size);
  if (!catalog.complete || !whole) return;
  const cells = routeCells(catalog);
  yield* checkRouteTies(cells);
  yield* checkRouteShadows(cells);
  yield* checkGuardrailReach(catalog, cells);
}

/** A kind has each name once, in all files together. */
function* checkNames(declarations: readonly Declaration[]): Generator<Diagnostic> {
  const first = new Map<string, Span>();
  for (const declaration of declarations) {
    const { kind, name } = declaration;
    if (kind === undefined) continue;
    const span = nameSpan(declaration);
    const earlier = first.get(`${kind}/${name}`);
    if (earlier === undefined) {
      first.set(`${kind}/${name}`, span);
      continue;
    }
    const related = [{ message: 'the first one is here', span: earlier }];
    const message = `there are two documents of kind ${kind} with the name ${quoted(name)}`;
    yield diagnostic('HG3001', span, message, { related, hint: 'rename one of the two' });
  }
}
