import { sameJson } from '../base/same-json.ts';
import type { BoundGuardrail, LoadedRevision } from '../decide/loaded-revision.ts';
import type { Revision } from '../decide/revision.ts';
import type { CorpusLine } from './corpus.ts';
import { reachAlike, reachOf } from './model-reach.ts';

/**
 * Tells the recorded requests for which both revisions hold the same: caller, routes, models, offers, pools, guardrails
 * and the headers that routes look at. What a replay through one says of them, a replay through the other says too,
 * unless a policy is asked once more.
 */
export function sameDecisions(base: LoadedRevision, head: LoadedRevision): (line: CorpusLine) => boolean {
  const [before, after] = [base.revision, head.revision];
  if (!sameJson(headersOf(before), headersOf(after))) return () => false;
  const judging = changedGuardrails(base.guardrails, head.guardrails);
  const models = new Map<string, { readonly isSame: boolean; readonly routes: readonly string[] }>();
  const modelOf = (name: string) => {
    const routes = () => reachOf(before, name).routes.map((route) => route.name);
    const known = models.get(name) ?? { isSame: reachAlike(before, after, name), routes: routes() };
    models.set(name, known);
    return known;
  };
  return ({ principal: { team: recorded, key: name }, request }) => {
    const key = before.keysByName.get(name ?? '');
    // The key's own team counts, where there is a key.
    const team = key?.team ?? recorded;
    const isSameCaller =
      sameJson(key, after.keysByName.get(name ?? '')) && sameJson(before.teams.get(team), after.teams.get(team));
    if (!isSameCaller) return false;
    const { isSame, routes } = modelOf(request.model);
    const isJudgedAnew = judging.some(
      ({ row: { scope } }) =>
        (scope.teams === '*' || scope.teams.includes(team)) &&
        (scope.routes === undefined || scope.routes.some((route) => routes.includes(route))),
    );
    return isSame && !isJudgedAnew;
  };
}

function headersOf({ matchHeaders }: Revision): [name: string, values: string[]][] {
  return [...matchHeaders].map(([name, values]) => [name, [...values]]);
}

/** Those of both sides that the other side has not, or has otherwise. */
function changedGuardrails(base: readonly BoundGuardrail[], head: readonly BoundGuardrail[]): BoundGuardrail[] {
  const missing = (from: readonly BoundGuardrail[], others: readonly BoundGuardrail[]) => {
    const byName = new Map(others.map((other) => [other.row.name, other]));
    return from.filter((bound) => !sameJson(bound, byName.get(bound.row.name)));
  };
  return [...missing(base, head), ...missing(head, base)];
}
