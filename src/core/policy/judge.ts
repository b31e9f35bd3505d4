import type { DetectorName, Guardrail } from '../ir/guardrail.ts';
import { type Decisions, readDecisions } from './decision.ts';
import { codePointsBefore, type Finding, findIn } from './finding.ts';
import { type InputNeeds, inputJson, type PolicySubject, unitedNeeds } from './input.ts';
import type { EvaluatePolicy, PolicyFailure, PolicyOutcome } from './policy-port.ts';

/** A guardrail as a judgement needs it. */
export type JudgingGuardrail = Pick<Guardrail, 'name' | 'detectors' | 'mode' | 'onError'> & {
  readonly needs: InputNeeds;
};

/** What the package of one guardrail decided. */
export interface GuardrailDecisions {
  readonly guardrail: JudgingGuardrail;
  readonly decisions: Decisions;
}

/** A guardrail that gave no decision, or perhaps not all of them: its `onError` says what that means. */
export interface GuardrailFailure {
  readonly guardrail: JudgingGuardrail;
  /**
   * `decision`: it decided in a form that we do not know. `builtin`: a builtin could not answer, and the rules that
   * called it did not fire, whatever they were to say; what other rules decided counts.
   */
  readonly reason: PolicyFailure | 'decision' | 'builtin';
  readonly message: string;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly decided: readonly GuardrailDecisions[];
  readonly failures: readonly GuardrailFailure[];
  /** The inputs that were evaluated, for their digests in the record; they may hold text and go nowhere else. */
  readonly inputs: readonly string[];
}

/**
 * Lets the given guardrails judge a subject. Detectors run once. One evaluation serves all guardrails that may see the
 * same findings; when it fails, or a builtin does, each of them is asked alone, so that one bad policy does not take the
 * others with it.
 */
export function judge(
  subject: PolicySubject,
  guardrails: readonly JudgingGuardrail[],
  evaluate: EvaluatePolicy,
  nowMs: number,
): Judgement {
  const lengths = new Map<string, number>();
  const pointsAt = (ptr: string): number | undefined => {
    const target = lengths.has(ptr) ? undefined : subject.texts.find((text) => text.ptr === ptr);
    if (target !== undefined) lengths.set(ptr, codePointsBefore(target.text, target.text.length));
    return lengths.get(ptr);
  };
  const found = { findings: findIn(subject.texts, detectorsOf(guardrails)), pointsAt };
  return judgeFound(subject, found, guardrails, evaluate, nowMs);
}

/** Every detector that one of the guardrails asks for, sorted. */
export function detectorsOf(guardrails: readonly JudgingGuardrail[]): DetectorName[] {
  return [...new Set(guardrails.flatMap((guardrail) => guardrail.detectors))].sort();
}

/** What was found elsewhere, as in a streamed answer that is judged while it flows. */
export interface Found {
  readonly findings: readonly Finding[];
  /** Code points of the text at a pointer; undefined where there is none. */
  readonly pointsAt: (ptr: string) => number | undefined;
}

/** As `judge`, with findings that are there already; the subject's texts may be missing. */
export function judgeFound(
  subject: PolicySubject,
  { findings, pointsAt }: Found,
  guardrails: readonly JudgingGuardrail[],
  evaluate: EvaluatePolicy,
  nowMs: number,
): Judgement {
  const draft: JudgementDraft = { findings, decided: [], failures: [], inputs: [] };
  for (const { group, visible } of groupsByView(guardrails, findings)) {
    const ask = (asked: readonly JudgingGuardrail[]): Asked => {
      const needs = unitedNeeds(asked.map((guardrail) => guardrail.needs));
      const active = asked.map((guardrail) => guardrail.name);
      const input = inputJson(subject, visible, needs, { active, nowMs });
      return { input, outcome: evaluate(input, nowMs) };
    };
    if (judgeGroup(draft, group, ask, pointsAt)) continue;
    for (const guardrail of group) judgeGroup(draft, [guardrail], ask, pointsAt);
  }
  return draft;
}

interface Asked {
  readonly input: string;
  readonly outcome: PolicyOutcome;
}

interface JudgementDraft extends Judgement {
  readonly decided: GuardrailDecisions[];
  readonly failures: GuardrailFailure[];
  readonly inputs: string[];
}

/** False when the evaluation failed and more than one guardrail may be to blame. */
function judgeGroup(
  draft: JudgementDraft,
  group: readonly JudgingGuardrail[],
  ask: (group: readonly JudgingGuardrail[]) => Asked,
  pointsAt: Found['pointsAt'],
): boolean {
  const { input, outcome } = ask(group);
  if (outcome.kind === 'failed') {
    const { reason, message } = outcome;
    if (group.length > 1) return false;
    draft.failures.push(...group.map((guardrail) => ({ guardrail, reason, message })));
    return true;
  }
  const [builtinError] = outcome.builtinErrors;
  if (builtinError !== undefined) {
    if (group.length > 1) return false;
    draft.failures.push(
      ...group.map((guardrail) => ({ guardrail, reason: 'builtin' as const, message: builtinError })),
    );
  }
  draft.inputs.push(input);
  for (const guardrail of group) {
    const read = readDecisions(member(outcome.value, guardrail.name));
    const error = read.ok ? misplaced(read.value, pointsAt) : read.error;
    if (read.ok && error === undefined) draft.decided.push({ guardrail, decisions: read.value });
    else if (builtinError === undefined) draft.failures.push({ guardrail, reason: 'decision', message: error ?? '' });
  }
  return true;
}

interface View {
  readonly group: JudgingGuardrail[];
  readonly visible: readonly Finding[];
}

/** A guardrail sees the findings of its own detectors only. Without findings, or with the same view, all are one group. */
function groupsByView(guardrails: readonly JudgingGuardrail[], findings: readonly Finding[]): Iterable<View> {
  const found = [...new Set(findings.map((finding) => finding.detector))];
  const views = new Map<string, View>();
  for (const guardrail of guardrails) {
    const seen: readonly DetectorName[] = found.filter((detector) => guardrail.detectors.includes(detector));
    const key = seen.join();
    const view = views.get(key);
    if (view === undefined)
      views.set(key, { group: [guardrail], visible: findings.filter((finding) => seen.includes(finding.detector)) });
    else view.group.push(guardrail);
  }
  return views.values();
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** Why a redaction fits no text. */
function misplaced(decisions: Decisions, pointsAt: Found['pointsAt']): string | undefined {
  for (const { ptr, end } of decisions.redact) {
    const points = pointsAt(ptr);
    if (points === undefined) return 'redact: there is no text at its ptr';
    if (end > points) return 'redact: it ends behind its text';
  }
  return undefined;
}
