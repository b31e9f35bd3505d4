import { guardrailsFor, type LoadedRevision } from '../decide/loaded-revision.ts';
import { offerId } from '../ir/model.ts';
import type { Origin } from '../ir/origin.ts';
import type { Route } from '../ir/route.ts';
import type { TestCase } from '../ir/test-case.ts';
import { type CaseRun, runCase } from './run-case.ts';
import type { TestedRevision } from './run-tests.ts';

/** Something of a tree that a test should reach. */
export interface CoveredItem {
  readonly kind: 'route' | 'tier' | 'offer' | 'rule';
  readonly name: string;
  readonly place: Origin;
  readonly covered: boolean;
}

/**
 * What the cases of a tree reach: a route by a request that it matches, a tier and an offer by a request that goes there
 * first, a rule of a guardrail by a request or an answer on which it fires.
 */
export function coverage(revision: TestedRevision): CoveredItem[] {
  const { ir, index } = revision;
  const reached = new Set(ir.tests.flatMap((testCase) => reachedBy(revision, testCase)));
  const item = (kind: CoveredItem['kind'], name: string, place: Origin): CoveredItem => ({
    kind,
    name,
    place,
    covered: reached.has(keyOf(kind, name)),
  });
  const routes = ir.routes.flatMap(({ name, origin, tiers }) => [
    item('route', name, origin),
    ...tiers.map((tier, number) => item('tier', tierName(name, number), tier.origin)),
  ]);
  const offers = ir.models.flatMap((model) =>
    model.offers.map((offer) => item('offer', offerId(model.name, offer.name), offer.origin)),
  );
  const rules = ir.guardrails.flatMap((guardrail) =>
    (index.guardrails[guardrail.name]?.places ?? []).flatMap(({ name, codes, path, line }) => {
      const place = { file: path, line, column: 1 };
      const named = codes.length === 0 ? [name] : codes.map((code) => `${name} ${code}`);
      return named.map((rule) => item('rule', ruleName(guardrail.name, rule), place));
    }),
  );
  return [...routes, ...offers, ...rules];
}

function keyOf(kind: CoveredItem['kind'], name: string): string {
  return `${kind} ${name}`;
}

function tierName(route: string, index: number): string {
  return `${route}, tier ${index + 1}`;
}

function ruleName(guardrail: string, rule: string): string {
  return `${guardrail}: ${rule}`;
}

function reachedBy({ ir, loaded }: TestedRevision, testCase: TestCase): string[] {
  const run = runCase(loaded, testCase);
  if (!run.ok) return [];
  const { record } = run.value.decision;
  const route = ir.routes.find(({ name }) => name === record.route);
  const first = record.attempts[0]?.offer;
  const model = loaded.revision.names.get(testCase.request.model) ?? '';
  return [
    ...(route === undefined ? [] : [keyOf('route', route.name)]),
    ...(first === undefined ? [] : [keyOf('offer', first)]),
    ...(route === undefined || first === undefined
      ? []
      : [keyOf('tier', tierName(route.name, tierOf(route, model, first)))]),
    ...firedRules(run.value).map((rule) => keyOf('rule', rule)),
    ...redactedAnswer(loaded, testCase, run.value).map((rule) => keyOf('rule', rule)),
  ];
}

/** The first tier that holds the offer. */
function tierOf({ tiers }: Route, model: string, offer: string): number {
  return tiers.findIndex(({ arms }) =>
    arms.some((arm) => {
      const [offered = '', name = ''] = offer.split('/');
      return offered === (arm.model ?? model) && (arm.offers?.includes(name) ?? true);
    }),
  );
}

function firedRules({ decision, answers }: CaseRun): string[] {
  const fired = [...decision.record.policies, ...answers.flatMap((answer) => answer.fired)];
  const named = fired.flatMap(({ guardrail, rule, code }) => [
    ruleName(guardrail, `${rule} ${code}`),
    ruleName(guardrail, rule),
  ]);
  const silent = (decision.record.judged ?? []).flatMap(({ guardrail, redacted, forbid }) => [
    ...(redacted === undefined ? [] : [ruleName(guardrail, 'redact')]),
    ...(forbid === undefined ? [] : [ruleName(guardrail, 'route')]),
  ]);
  return [...named, ...silent];
}

/** What is taken out of an answer is not told by rule: every guardrail on it that redacts is taken to have done so. */
function redactedAnswer(loaded: LoadedRevision, { team }: TestCase, { decision, answers }: CaseRun): string[] {
  const isRedacted = answers.some(({ blocked, text, whole }) => blocked === undefined && text !== whole);
  if (!isRedacted) return [];
  const bound = guardrailsFor(loaded, 'response', decision.record.route ?? '', team);
  return bound.map(({ row }) => ruleName(row.name, 'redact'));
}
