import type { Guardrail } from '../ir/guardrail.ts';
import type { Ir } from '../ir/ir.ts';
import { type Origin, withoutOrigins } from '../ir/origin.ts';
import type { Route } from '../ir/route.ts';
import { fieldChanges } from './field-changes.ts';

/** A change that a reviewer must not miss. */
export interface Risk {
  readonly what: RiskKind;
  readonly message: string;
  /** In the head; of what was removed, in the base. */
  readonly place: Origin;
}

export type RiskKind =
  | 'default-removed'
  | 'fail-open'
  | 'wildcard-added'
  | 'guardrail-weakened'
  | 'guardrail-removed'
  | 'anonymous-served'
  | 'requirement-dropped'
  | 'secret-elsewhere'
  | 'limits-changed';

/** Changes after which less is checked, or more people or places may take part. */
export function risksOf(base: Ir, head: Ir): Risk[] {
  return [
    ...guardrailRisks(base, head),
    ...routeRisks(base, head),
    ...teamRisks(base, head),
    ...secretRisks(base, head),
    ...limitRisks(base, head),
  ];
}

function guardrailRisks(base: Ir, head: Ir): Risk[] {
  const after = byName(head.guardrails);
  const removed = base.guardrails.flatMap((guardrail): Risk[] =>
    after.has(guardrail.name)
      ? []
      : [{ what: 'guardrail-removed', message: `the guardrail "${guardrail.name}" is gone`, place: guardrail.origin }],
  );
  const before = byName(base.guardrails);
  return [...removed, ...head.guardrails.flatMap((guardrail) => guardrailRisk(before.get(guardrail.name), guardrail))];
}

function guardrailRisk(before: Guardrail | undefined, after: Guardrail): Risk[] {
  const risks: Risk[] = [];
  const risk = (what: RiskKind, message: string) =>
    risks.push({ what, message: `the guardrail "${after.name}" ${message}`, place: after.origin });
  if (after.onError === 'allow' && before?.onError !== 'allow') risk('fail-open', 'lets requests pass when it fails');
  if (before === undefined) return risks;
  if (before.mode === 'enforce' && after.mode === 'shadow')
    risk('guardrail-weakened', 'is in shadow mode: it stops nothing');
  const lost = (had: readonly string[], has: readonly string[]) => had.filter((item) => !has.includes(item)).join(', ');
  const stages = lost(before.stages, after.stages);
  if (stages !== '') risk('guardrail-weakened', `no longer judges the ${stages}`);
  const detectors = lost(before.detectors, after.detectors);
  if (detectors !== '') risk('guardrail-weakened', `no longer looks for ${detectors}`);
  const { teams: from } = before.scope;
  const { teams: to } = after.scope;
  if (to !== '*' && (from === '*' || lost(from, to) !== '')) risk('guardrail-weakened', 'judges fewer teams');
  const routes = after.scope.routes;
  if (routes !== undefined && (before.scope.routes === undefined || lost(before.scope.routes, routes) !== '')) {
    risk('guardrail-weakened', 'judges fewer routes');
  }
  return risks;
}

function routeRisks(base: Ir, head: Ir): Risk[] {
  const before = byName(base.routes);
  const after = byName(head.routes);
  const gone = base.routes.filter((route) => isDefault(route) && !isDefaultStill(after.get(route.name)));
  return [
    ...gone.map(({ name, origin }): Risk => {
      const message = `the default route "${name}" is gone: what no other route names is refused`;
      return { what: 'default-removed', message, place: after.get(name)?.origin ?? origin };
    }),
    ...head.routes.flatMap((route) => routeRisk(before.get(route.name), route)),
  ];
}

/** A route without conditions for all that no other route names. */
function isDefault({ match }: Route): boolean {
  const conditions = Object.keys(match.labels).length + Object.keys(match.headers).length;
  return match.models === '*' && match.teams === '*' && conditions === 0;
}

function isDefaultStill(route: Route | undefined): boolean {
  return route !== undefined && isDefault(route);
}

function routeRisk(before: Route | undefined, after: Route): Risk[] {
  const risks: Risk[] = [];
  const risk = (what: RiskKind, message: string) =>
    risks.push({ what, message: `the route "${after.name}" ${message}`, place: after.origin });
  const { models, teams } = after.match;
  if (models === '*' && before?.match.models !== '*') risk('wildcard-added', 'now matches every model');
  if (teams === '*' && before !== undefined && before.match.teams !== '*')
    risk('wildcard-added', 'now matches every team');
  const isOpen = (route: Route | undefined) =>
    route?.match.teams !== '*' && route?.match.teams.includes('anonymous') === true;
  if (isOpen(after) && !isOpen(before)) risk('anonymous-served', 'now serves callers without a key');
  if (before === undefined) return risks;
  const { regions, retention } = before.require;
  const widened = after.require.regions?.filter((region) => regions?.includes(region) === false) ?? [];
  if (regions !== undefined && after.require.regions === undefined)
    risk('requirement-dropped', 'requires no region any more');
  if (widened.length > 0) risk('requirement-dropped', `now allows region ${widened.join(', ')}`);
  if (retention !== undefined && after.require.retention === undefined) {
    risk('requirement-dropped', 'requires no retention any more');
  }
  return risks;
}

function teamRisks(base: Ir, head: Ir): Risk[] {
  const before = byName(base.teams);
  return head.teams.flatMap(({ name, models, origin }): Risk[] => {
    if (models !== '*' || before.get(name)?.models === '*') return [];
    return [{ what: 'wildcard-added', message: `the team "${name}" may now use every model`, place: origin }];
  });
}

/** The boot settings bound where a secret may go; that it goes to another place is still worth a look. */
function secretRisks(base: Ir, head: Ir): Risk[] {
  const before = byName(base.providers);
  return head.providers.flatMap(({ name, secret, endpoint, origin }): Risk[] => {
    const known = before.get(name);
    if (secret === undefined || known === undefined) return [];
    const changes = fieldChanges(withoutOrigins(known.endpoint), withoutOrigins(endpoint), 'endpoint');
    if (known.secret === secret && changes.length === 0) return [];
    const where = `${endpoint.scheme}://${endpoint.host}:${endpoint.port}`;
    const message = `the provider "${name}" sends the secret "${secret}" to ${where}`;
    return [{ what: 'secret-elsewhere', message, place: origin }];
  });
}

function limitRisks(base: Ir, head: Ir): Risk[] {
  const after = byName(head.changeLimits);
  const before = byName(base.changeLimits);
  const risk = (message: string, place: Origin): Risk => ({ what: 'limits-changed', message, place });
  const gone = base.changeLimits.filter(({ name }) => !after.has(name));
  const changed = head.changeLimits.filter((limits) => {
    const known = before.get(limits.name);
    return known !== undefined && fieldChanges(withoutOrigins(known), withoutOrigins(limits)).length > 0;
  });
  return [
    ...gone.map(({ name, origin }) => risk(`the limits "${name}" are gone`, origin)),
    ...changed.map(({ name, origin }) => risk(`the limits "${name}" change`, origin)),
  ];
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}
