import type { Principal } from '../decide/identify.ts';
import { guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import { matchRoute, servesCaller, servesModel } from '../decide/match.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Proof } from '../ir/proof.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RouteRow } from '../tables/tables.ts';
import { wordIs } from './offer-condition.ts';

export type Headers = Readonly<Record<string, string>>;

/** The callers that a rule is about. */
export function callersOf({ revision }: LoadedRevision, { callers: { team, labels = {} } }: Proof): Principal[] {
  const known = [...revision.teams].map(([name, row]): Principal => ({ team: name, ...row }));
  const all = [{ team: ANONYMOUS, labels: {}, models: '*' } as const, ...known];
  return all.filter(
    (caller) =>
      (team === undefined || caller.team === team) &&
      Object.entries(labels).every(([name, value]) => caller.labels[name] === value),
  );
}

/** The models that a rule is about and that a route serves, by their own names. */
function modelsOf({ revision }: LoadedRevision, { callers }: Proof, route: RouteRow): string[] {
  const asked = callers.model === undefined ? [...revision.models.keys()] : [callers.model];
  return asked.filter((model) => servesModel(route.match, model));
}

/** The headers that every request of a rule carries. */
export function headersOf({ callers: { headers = {} } }: Proof): Headers {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, word]) => ('is' in word ? [[name, word.is]] : [])));
}

/** Those and the ones that the route wants; undefined where no request of the rule can carry them. */
function headersFor(proof: Proof, route: RouteRow): Headers | undefined {
  const carried = { ...headersOf(proof), ...route.match.headers };
  const can = Object.entries(proof.callers.headers ?? {}).every(([name, word]) => wordIs(carried[name], word));
  return can ? carried : undefined;
}

/** A route, one of its models, and those callers of a rule whose requests it may serve. */
export interface AskedRoute {
  readonly route: RouteRow;
  readonly model: string;
  /** Of its match: another route may still win some of their requests. */
  readonly callers: readonly Principal[];
  readonly headers: Headers;
}

/** Every route and model that requests of a rule may get. */
export function* askedRoutes(loaded: LoadedRevision, proof: Proof): Generator<AskedRoute> {
  const all = callersOf(loaded, proof);
  for (const route of loaded.revision.routes) {
    const headers = headersFor(proof, route);
    const callers = headers === undefined ? [] : all.filter((caller) => servesCaller(route.match, caller));
    if (headers === undefined || callers.length === 0) continue;
    for (const model of modelsOf(loaded, proof, route)) yield { route, model, callers, headers };
  }
}

/** What a look finds, by whether a policy can forbid; each is looked for once. */
export function foundOnce<Found>(look: (canForbid: boolean) => Found): (canForbid: boolean) => Found {
  const known = new Map<boolean, Found>();
  return (canForbid) => {
    const found = known.get(canForbid) ?? look(canForbid);
    known.set(canForbid, found);
    return found;
  };
}

/** Whether a request with just these headers is the route's: with more of them, fewer are. */
export function wins(
  { revision }: LoadedRevision,
  route: RouteRow,
  caller: Principal,
  model: string,
  headers: Headers,
): boolean {
  const matched = matchRoute(revision, caller, model, (name) => headers[name]);
  return matched.ok && matched.value.route === route;
}

/** Whether a policy that judges these requests can forbid offers. */
export function mayForbid(loaded: LoadedRevision, index: PolicyIndex, route: RouteRow, caller: Principal): boolean {
  return guardrailsFor(loaded, 'request', route.name, caller.team).some(
    ({ row }) => row.mode === 'enforce' && (index.guardrails[row.name]?.rules.includes('route') ?? false),
  );
}
