import { closestWord } from '../base/closest-word.ts';
import { failed, ok, type Result } from '../base/result.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { RouteMatch } from '../ir/route.ts';
import type { RouteRow } from '../tables/tables.ts';
import type { Principal } from './identify.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Revision } from './revision.ts';

/** What the match found: the route, and the model by its own name where the client used an alias. */
export interface Matched {
  readonly route: RouteRow;
  readonly model: string;
}

/** The route of a request: the first one that matches in the table's order, which is most specific first. */
export function matchRoute(
  revision: Revision,
  principal: Principal,
  requestedModel: string,
  header: (name: string) => string | undefined,
): Result<Matched, Refusal> {
  const model = revision.names.get(requestedModel);
  if (model === undefined) return failed(unknownModel(revision, principal, requestedModel));
  if (principal.models !== '*' && !principal.models.includes(model)) {
    return failed(refuse('model-not-allowed', `Team "${principal.team}" may not use the model "${model}".`));
  }
  const route = revision.routesByModel.get(model)?.find(({ match }) => matches(match, principal, header));
  if (route !== undefined) return ok({ route, model });
  if (principal.team === ANONYMOUS) {
    return failed(refuse('missing-key', 'No API key was shown. Send it as "Authorization: Bearer KEY".'));
  }
  return failed(refuse('no-route', `No route serves the model "${model}" to team "${principal.team}".`));
}

function matches(match: RouteMatch, principal: Principal, header: (name: string) => string | undefined): boolean {
  if (!servesCaller(match, principal)) return false;
  return Object.entries(match.headers).every(([name, value]) => header(name) === value);
}

/** Whether a route is for this model at all. */
export function servesModel(match: RouteMatch, model: string): boolean {
  return match.models === '*' || match.models.includes(model);
}

/** Whether a route is for this caller: `*` is every known team, and a stranger only where a route names it. */
export function servesCaller(match: RouteMatch, principal: Principal): boolean {
  if (match.teams === '*' ? principal.team === ANONYMOUS : !match.teams.includes(principal.team)) return false;
  return Object.entries(match.labels).every(([name, value]) => principal.labels[name] === value);
}

function unknownModel(revision: Revision, principal: Principal, requested: string): Refusal {
  // A stranger without a key learns no model names.
  if (principal.team === ANONYMOUS)
    return refuse('missing-key', 'No API key was shown. Send it as "Authorization: Bearer KEY".');
  const allowed = [...revision.names].filter(
    ([, model]) => principal.models === '*' || principal.models.includes(model),
  );
  const near = closestWord(
    requested,
    allowed.map(([name]) => name),
  );
  const hint = near === undefined ? 'GET /v1/models lists what there is.' : `Did you mean "${near}"?`;
  return refuse('unknown-model', `The model "${requested.slice(0, 100)}" is not known here. ${hint}`);
}
