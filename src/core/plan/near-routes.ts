import type { Principal } from '../decide/identify.ts';
import type { Revision } from '../decide/revision.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { RouteMatch } from '../ir/route.ts';

/** A route that did not serve a request, with what stood between them. */
export interface NearRoute {
  readonly route: string;
  /** The conditions that do not hold, in words; none for a route that matches and is less specific than the one that won. */
  readonly failed: readonly string[];
}

/** More routes are no help to read. */
const NEAR_ROUTES_MAX = 5;

/** The routes that nearly served a request, those with the fewest failed conditions first; the one that did is left out. */
export function nearRoutes(
  revision: Revision,
  principal: Principal,
  requestedModel: string,
  header: (name: string) => string | undefined,
): NearRoute[] {
  const model = revision.names.get(requestedModel) ?? requestedModel;
  const routes = revision.routes.map(({ name, match }) => ({
    route: name,
    failed: failedConditions(match, principal, model, header),
  }));
  const winner = routes.find(({ failed }) => failed.length === 0);
  return routes
    .filter((route) => route !== winner)
    .sort((left, right) => left.failed.length - right.failed.length)
    .slice(0, NEAR_ROUTES_MAX);
}

function failedConditions(
  match: RouteMatch,
  { team, labels }: Principal,
  model: string,
  header: (name: string) => string | undefined,
): string[] {
  const failed: string[] = [];
  const { models, teams } = match;
  if (models !== '*' && !models.includes(model)) failed.push(`model ${model} is not among ${models.join(', ')}`);
  if (teams === '*' ? team === ANONYMOUS : !teams.includes(team)) {
    failed.push(`team ${team} is not among ${teams === '*' ? 'the known teams' : teams.join(', ')}`);
  }
  for (const [name, value] of Object.entries(match.labels)) {
    if (labels[name] !== value) failed.push(`label ${name} is ${said(labels[name])} and not ${value}`);
  }
  for (const [name, value] of Object.entries(match.headers)) {
    if (header(name) !== value) failed.push(`header ${name} is ${said(header(name))} and not ${value}`);
  }
  return failed;
}

function said(value: string | undefined): string {
  return value === undefined ? 'not there' : `"${value}"`;
}
