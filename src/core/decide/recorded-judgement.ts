import type { GuardrailFailure, Judgement, JudgingGuardrail } from '../policy/judge.ts';
import type { BoundGuardrail } from './loaded-revision.ts';
import type { RecordedJudgement } from './record.ts';

/** A judgement in the form of a record: codes and counts, in the order of the guardrails, and not a word of the text. */
export function recordJudgement(bound: readonly BoundGuardrail[], judgement: Judgement): RecordedJudgement[] {
  return bound.map(({ judging, policy }): RecordedJudgement => {
    const { name } = judging;
    const failure = judgement.failures.find(({ guardrail }) => guardrail === judging);
    const decisions = judgement.decided.find(({ guardrail }) => guardrail === judging)?.decisions;
    const { deny = [], warn = [], redact = [], route = [] } = decisions ?? {};
    const shadow = redact.filter((redaction) => redaction.shadow).length;
    return {
      guardrail: name,
      policy,
      ...(failure === undefined ? {} : { failed: failure.reason }),
      ...(deny.length === 0 ? {} : { deny: deny.map(ruleOf) }),
      ...(warn.length === 0 ? {} : { warn: warn.map(ruleOf) }),
      ...(redact.length === 0 ? {} : { redacted: { spans: redact.length - shadow, shadow } }),
      ...(route.length === 0 ? {} : { forbid: route.map((item) => ({ ...item.forbid, shadow: item.shadow })) }),
    };
  });
}

function ruleOf({ code, shadow }: { readonly code: string; readonly shadow: boolean }) {
  return { code, shadow };
}

/** One guardrail with what a record says that its policy decided. */
export interface JudgedAgain {
  readonly guardrail: JudgingGuardrail;
  readonly recorded: RecordedJudgement;
}

/** The judgement that a record tells of, for guardrails as they are bound now. Redactions are lost but for their number. */
export function judgementOf(judged: readonly JudgedAgain[]): Pick<Judgement, 'decided' | 'failures'> {
  const failures: GuardrailFailure[] = judged.flatMap(({ guardrail, recorded }) =>
    recorded.failed === undefined ? [] : [{ guardrail, reason: recorded.failed, message: '' }],
  );
  const decided = judged
    .filter(({ recorded }) => recorded.failed === undefined || recorded.failed === 'builtin')
    .map(({ guardrail, recorded: { deny = [], warn = [], forbid = [] } }) => {
      const named = (rules: typeof deny) => rules.map((rule) => ({ ...rule, message: '', severity: 'high' as const }));
      const route = forbid.map(({ shadow, offers, upstreams, regions }) => ({
        forbid: { offers: [...offers], upstreams: [...upstreams], regions: [...regions] },
        shadow,
      }));
      return { guardrail, decisions: { deny: named(deny), warn: named(warn), redact: [], route } };
    });
  return { decided, failures };
}
