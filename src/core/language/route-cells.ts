import { ANONYMOUS } from '../ir/identity.ts';
import type { RouteMatch } from '../ir/route.ts';
import type { Catalog } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { routeMatchOf } from './route-match-of.ts';
import { implied } from './route-precedence.ts';

/** A route with what it takes. */
export interface ReachingRoute {
  readonly document: DocumentOf<'Route'>;
  readonly match: RouteMatch;
  /** The callers that it takes, sorted; `anonymous` only where it is listed. */
  readonly teams: readonly string[];
}

/**
 * Routes by what they demand of model and team, so that those which can meet are found without comparing all with all.
 * The requests of a tree fall into cells: one model and one team each; within a cell only headers differ.
 */
export interface RouteCells {
  readonly routes: readonly ReachingRoute[];
  /** Keyed by model or `*`, then team or `*`. */
  readonly buckets: ReadonlyMap<string, readonly ReachingRoute[]>;
  readonly models: readonly string[];
  /** Every caller there can be, `anonymous` among them, with its labels. */
  readonly teams: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export function routeCells(catalog: Catalog): RouteCells {
  const teams = new Map<string, Readonly<Record<string, string>>>([[ANONYMOUS, {}]]);
  for (const [name, team] of catalog.byKind.Team) teams.set(name, team.labels);
  const takenBy = callersOf(teams);
  const routes = [...catalog.byKind.Route.values()].map((document) => {
    const match = routeMatchOf(document, catalog);
    return { document, match, teams: takenBy(match) };
  });
  const buckets = new Map<string, ReachingRoute[]>();
  for (const route of routes) {
    for (const model of listOf(route.match.models)) {
      for (const team of listOf(route.match.teams)) {
        const key = bucketKey(model, team);
        const bucket = buckets.get(key);
        if (bucket === undefined) buckets.set(key, [route]);
        else bucket.push(route);
      }
    }
  }
  return { routes, buckets, models: [...catalog.byKind.Model.keys()].sort(), teams };
}

/** Finds the callers that a route takes. Routes for everybody with the same labels share one list: there are many. */
function callersOf(
  teams: ReadonlyMap<string, Readonly<Record<string, string>>>,
): (match: RouteMatch) => readonly string[] {
  const everybody = [...teams.keys()].filter((name) => name !== ANONYMOUS).sort();
  const shared = new Map<string, readonly string[]>();
  const taken = (names: readonly string[], labels: RouteMatch['labels']) =>
    names.filter((name) => implied(labels, teams.get(name) ?? {}));
  return (match) => {
    if (match.teams !== '*') return taken(match.teams.toSorted(), match.labels);
    const key = JSON.stringify(Object.entries(match.labels).sort());
    const known = shared.get(key) ?? taken(everybody, match.labels);
    shared.set(key, known);
    return known;
  };
}

export function modelsOf(route: ReachingRoute, cells: RouteCells): readonly string[] {
  return route.match.models === '*' ? cells.models : route.match.models;
}

/** The routes that may take a request of the cell, whatever its headers. */
export function* routesInCell(cells: RouteCells, model: string, team: string): Generator<ReachingRoute> {
  const labels = cells.teams.get(team) ?? {};
  for (const teamKey of team === ANONYMOUS ? [team] : [team, '*']) {
    for (const modelKey of [model, '*']) {
      for (const route of cells.buckets.get(bucketKey(modelKey, teamKey)) ?? []) {
        if (implied(route.match.labels, labels)) yield route;
      }
    }
  }
}

function listOf(names: readonly string[] | '*'): readonly string[] {
  return names === '*' ? ['*'] : names;
}

function bucketKey(model: string, team: string): string {
  return `${model}\0${team}`;
}
