import { digestOfJson, shortDigest } from '../base/digest.ts';
import { perObject, perObjects } from '../base/remember.ts';
import type { Stage } from '../ir/guardrail.ts';
import { inputNeeds } from '../policy/input.ts';
import type { JudgingGuardrail } from '../policy/judge.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { EvaluatePolicy } from '../policy/policy-port.ts';
import type { GuardrailRow } from '../tables/tables.ts';
import type { Revision } from './revision.ts';

/** A revision with its policies, as a decider holds it. */
export interface LoadedRevision {
  readonly revision: Revision;
  readonly evaluate: EvaluatePolicy;
  /** The guardrails with a part of their input worked out beforehand. */
  readonly guardrails: readonly BoundGuardrail[];
}

export interface BoundGuardrail {
  readonly row: GuardrailRow;
  /** Which policy it is: equal where its package, all packages that this one uses, and its detectors are equal. */
  readonly policy: string;
  readonly judging: JudgingGuardrail;
}

export function loadedRevision(revision: Revision, index: PolicyIndex, evaluate: EvaluatePolicy): LoadedRevision {
  const guardrails = revision.guardrails.map((row) => {
    const { name, detectors, mode, onError } = row;
    const needs = inputNeeds(index.guardrails[name]?.reads ?? [[]]);
    const policy = policyName(row, index.guardrails[name]?.source ?? '');
    return { row, policy, judging: { name, detectors, mode, onError, needs } };
  });
  return { revision, evaluate, guardrails };
}

const policyName = perObjects(({ detectors }: GuardrailRow, source: string) =>
  shortDigest(digestOfJson({ source, detectors })),
);

/** The guardrails that judge a request of this route and team, or its answer. */
export function guardrailsFor(loaded: LoadedRevision, stage: Stage, route: string, team: string): BoundGuardrail[] {
  const { everywhere, byRoute } = routesOf(loaded.guardrails)[stage];
  return (byRoute.get(route) ?? everywhere).filter(
    ({ row: { scope } }) => scope.teams === '*' || scope.teams.includes(team),
  );
}

interface GuardedRoutes {
  /** Those of no route of their own. */
  readonly everywhere: readonly BoundGuardrail[];
  /** Of routes that a guardrail names, all that judge them. */
  readonly byRoute: ReadonlyMap<string, readonly BoundGuardrail[]>;
}

/** Most guardrails are for a few routes of hundreds, so no request looks at all of them. */
const routesOf = perObject((guardrails: readonly BoundGuardrail[]): Readonly<Record<Stage, GuardedRoutes>> => {
  const guarded = (stage: Stage): GuardedRoutes => {
    const judging = guardrails.filter(({ row: { stages } }) => stages.includes(stage));
    const named = new Set(judging.flatMap(({ row: { scope } }) => scope.routes ?? []));
    const of = (route: string) => judging.filter(({ row: { scope } }) => scope.routes?.includes(route) !== false);
    const everywhere = judging.filter(({ row: { scope } }) => scope.routes === undefined);
    return { everywhere, byRoute: new Map([...named].map((route) => [route, of(route)])) };
  };
  return { request: guarded('request'), response: guarded('response') };
});
