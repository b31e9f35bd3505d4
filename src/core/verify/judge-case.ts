import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { Ir } from '../ir/ir.ts';
import type { TestCase, TestExpectation } from '../ir/test-case.ts';
import { withSamples } from '../policy/detectors/samples.ts';
import { findIn } from '../policy/finding.ts';
import { different } from './different.ts';
import { type CaseRun, runCase } from './run-case.ts';
import { toldDifferences } from './told-differences.ts';

/** What a case is judged by: the routes as they are written, and what decides by them. */
interface JudgedTree {
  readonly ir: Pick<Ir, 'routes'>;
  readonly loaded: LoadedRevision;
}

/** Runs a case; gives what is not as it expects, and nothing when it holds. */
export function judgeCase({ ir, loaded }: JudgedTree, testCase: TestCase): string[] {
  const run = runCase(loaded, testCase);
  return run.ok ? differences(ir, testCase, run.value) : [run.error];
}

/** What of a run is not as the case expects. */
function differences({ routes }: JudgedTree['ir'], { expect, also }: TestCase, run: CaseRun): string[] {
  const { decision, answers } = run;
  const expected = outcomeText(expect);
  const wrong = [...new Set(outcomesOf(run).filter((decided) => decided !== expected))];
  const outcome = wrong.map((decided) => `expected ${expected}, and the decision is ${decided}`);
  const attempts = decision.kind === 'refused' ? [] : decision.attempts;
  const offers = [...new Set(attempts.map((attempt) => attempt.offer))];
  const visible = answers.map((answer) => answer.text);
  const route = routes.find(({ name }) => name === decision.record.route);
  return [
    ...outcome,
    ...different('endpoint', also.endpoint, attempts[0]?.address ?? 'none'),
    ...different('attempts', also.attempts?.join(', '), offers.join(', ')),
    ...toldDifferences(also, decision, route),
    ...Object.entries(also.headers ?? {}).flatMap(([name, value]) =>
      different(`header ${name}`, value, run.headers.get(name) ?? ''),
    ),
    ...different('redactions', also.redactions?.join(', '), redactedRules(run).join(', ')),
    ...[...new Set(visible)].flatMap((text) => different('text', also.text && withSamples(also.text), text)),
    ...found('neverSent', also.neverSent, run.sent),
    ...found('neverVisible', also.neverVisible, visible),
  ];
}

function outcomeText(expected: TestExpectation): string {
  return expected.kind === 'denied' ? `denied: ${expected.code}` : `offer: ${expected.offer}`;
}

/** One outcome for each way of cutting the answer. */
function outcomesOf({ decision, answers }: CaseRun): string[] {
  if (decision.kind === 'refused') return [`denied: ${decision.refusal.code}`];
  const offer = `offer: ${decision.attempts[0]?.offer}`;
  if (answers.length === 0) return [offer];
  return answers.map(({ blocked }) => (blocked === undefined ? offer : `denied: ${blocked}`));
}

/** The texts that stand where they may not, by their number: the text itself may be what must not be shown. */
function found(what: string, texts: readonly string[] | undefined, places: readonly string[]): string[] {
  return (texts ?? []).flatMap((template, index) => {
    const text = withSamples(template);
    const shown = places.some((place) => place.includes(text));
    return shown ? [`text ${index + 1} of ${what} is there: ${template}`] : [];
  });
}

/** Rules of what the detectors find in the texts as they came and no longer in what left, sorted. */
function redactedRules({ asked, sent, answers, decision }: CaseRun): string[] {
  const request = decision.kind === 'refused' ? [] : missingRules(asked, sent);
  const answer = answers.flatMap(({ whole, text, blocked }) => (blocked ? [] : missingRules([whole], [text])));
  return [...new Set([...request, ...answer])].sort();
}

function missingRules(before: readonly string[], after: readonly string[]): string[] {
  const left = new Set(rulesIn(after));
  return rulesIn(before).filter((rule) => !left.has(rule));
}

function rulesIn(texts: readonly string[]): string[] {
  const named = texts.map((text) => ({ ptr: '', role: '', message: 0, text }));
  return findIn(named, ['secrets', 'card', 'email', 'iban']).map(({ rule }) => rule);
}
