import type { RouteMatch } from '../ir/route.ts';
import { type Catalog, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';

/** What a route takes: aliases resolved, lists sorted, no name twice. */
export function routeMatchOf(route: DocumentOf<'Route'>, catalog: Pick<Catalog, 'askable'>): RouteMatch {
  const { models, teams, labels, headers } = route.spec.match;
  return {
    models: models.includes('*') ? '*' : sortedNames(models.map((text) => modelNamed(catalog, text))),
    teams: teams.includes('*') ? '*' : sortedNames(teams),
    labels,
    headers,
  };
}

/** Sorted by code unit, each name once. */
export function sortedNames<T extends string>(names: Iterable<T>): T[] {
  return [...new Set(names)].sort();
}
