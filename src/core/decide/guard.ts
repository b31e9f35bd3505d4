import type { BodyEdit } from '../api/body-edit.ts';
import type { ChatRequest } from '../api/chat-request.ts';
import { stringAt } from '../api/json-cursor.ts';
import type { Stage } from '../ir/guardrail.ts';
import type { PolicyText } from '../policy/finding.ts';
import type { PolicySubject } from '../policy/input.ts';
import { judge } from '../policy/judge.ts';
import { type Redaction, redactText } from '../policy/redact.ts';
import { type MergedVerdict, mergeVerdict, type Verdict } from '../policy/verdict.ts';
import type { Forbidden } from './choose-offers.ts';
import type { Facts } from './facts.ts';
import type { Principal } from './identify.ts';
import { guardrailsFor, type LoadedRevision } from './loaded-revision.ts';
import type { FiredRule, RecordedJudgement } from './record.ts';
import { recordJudgement } from './recorded-judgement.ts';

/** What the guardrails of one stage say, merged. */
export interface GuardVerdict {
  /** Set when the request is refused: by a rule, or because a guardrail that fails closed failed. */
  readonly denied?: Denial;
  readonly fired: readonly FiredRule[];
  /** Redactions, on the body that was judged. */
  readonly edits: readonly BodyEdit[];
  readonly forbid: Forbidden;
  /** What each guardrail said, for the record. */
  readonly judged: readonly RecordedJudgement[];
}

export interface Denial {
  readonly reason: 'policy-denied' | 'policy-failed';
  readonly code: string;
  readonly message: string;
}

const NOTHING: GuardVerdict = { fired: [], edits: [], forbid: { offers: [], upstreams: [], regions: [] }, judged: [] };

/** A request after its match, for the guardrails of its route. */
export interface GuardedRequest {
  readonly principal: Principal;
  readonly route: string;
  /** The model by its own name. */
  readonly model: string;
  readonly facts: Facts;
  readonly nowMs: number;
}

/** Lets the guardrails of the request stage judge a request. */
export function guardRequest(loaded: LoadedRevision, request: GuardedRequest): GuardVerdict {
  const { facts, principal, route, nowMs } = request;
  const bound = guardrailsFor(loaded, 'request', route, principal.team);
  if (bound.length === 0) return NOTHING;
  const guardrails = bound.map(({ judging }) => judging);
  const texts = textsOf(facts.request, facts.body);
  const subject = subjectOf(loaded, 'request', { ...facts, principal, route, model: request.model }, texts);
  const judgement = judge(subject, guardrails, loaded.evaluate, nowMs);
  const merged = mergeVerdict(judgement);
  return {
    ...verdictOf(merged),
    edits: redactionEdits(merged.enforced.redact, facts.request, texts),
    judged: recordJudgement(bound, judgement),
  };
}

/** What a merged verdict on a request means for it, but for the redactions. */
export function verdictOf(merged: MergedVerdict): Pick<GuardVerdict, 'denied' | 'fired' | 'forbid'> {
  const denied = denialOf(merged);
  return {
    ...(denied === undefined ? {} : { denied }),
    fired: firedRules(merged, 'request'),
    forbid: merged.enforced.forbid,
  };
}

/** What policies see of a request beside its texts. */
export interface SubjectFacts {
  readonly principal: Principal;
  readonly route: string;
  readonly model: string;
  readonly request: Pick<ChatRequest, 'model' | 'stream' | 'choices' | 'outputTokensMax'>;
  readonly method: string;
  readonly path: string;
}

/** What policies see of a request, or of an answer to it. */
export function subjectOf(
  loaded: LoadedRevision,
  stage: Stage,
  { principal, route, model, request, method, path }: SubjectFacts,
  texts: readonly PolicyText[],
): PolicySubject {
  return {
    stage,
    api: 'openai-chat',
    model: { requested: request.model, candidates: [model] },
    stream: request.stream,
    params: {
      n: request.choices,
      ...(request.outputTokensMax === undefined ? {} : { max_tokens: request.outputTokensMax }),
    },
    principal: {
      team: principal.team,
      labels: principal.labels,
      ...(principal.key === undefined ? {} : { key_id: principal.key }),
    },
    http: { method, path, headers: {} },
    texts,
    ctx: { route, commit: loaded.revision.commit },
  };
}

/** The first denial in the merged order, or the failure of a guardrail that fails closed. */
export function denialOf({ enforced, failedClosed }: MergedVerdict): Denial | undefined {
  const deny = enforced.deny[0];
  if (deny !== undefined) {
    const message = deny.message === '' ? `The policy "${deny.guardrail}" refuses this request.` : deny.message;
    return { reason: 'policy-denied', code: deny.code, message };
  }
  const failure = failedClosed[0];
  if (failure === undefined) return undefined;
  const message = `The policy "${failure.guardrail.name}" could not judge this request, and nothing passes it unjudged.`;
  return { reason: 'policy-failed', code: 'policy-failed', message };
}

/** Every rule that fired, enforced and in shadow, for the record. It holds codes, not messages: those may quote text. */
export function firedRules(merged: MergedVerdict, stage: Stage): FiredRule[] {
  const failures = [...merged.failedClosed, ...merged.failedOpen].map(({ guardrail, reason }): FiredRule => {
    const enforced = merged.failedClosed.some((failure) => failure.guardrail === guardrail);
    return { guardrail: guardrail.name, stage, rule: 'failed', code: reason, enforced };
  });
  return [...rulesOf(merged.enforced, stage, true), ...rulesOf(merged.shadow, stage, false), ...failures];
}

function rulesOf(verdict: Verdict, stage: Stage, enforced: boolean): FiredRule[] {
  const named = (rule: string, decisions: readonly { guardrail: string; code: string }[]): FiredRule[] =>
    decisions.map(({ guardrail, code }) => ({ guardrail, stage, rule, code, enforced }));
  return [...named('deny', verdict.deny), ...named('warn', verdict.warn)];
}

function textsOf(request: ChatRequest, body: Uint8Array): PolicyText[] {
  return request.texts.map(({ pointer, message, role, at }) => ({
    ptr: pointer,
    message,
    role,
    text: stringAt(body, at),
  }));
}

function redactionEdits(
  redactions: readonly Redaction[],
  request: ChatRequest,
  texts: readonly PolicyText[],
): BodyEdit[] {
  if (redactions.length === 0) return [];
  const encoder = new TextEncoder();
  return texts.flatMap(({ ptr, text }, index) => {
    const own = redactions.filter((redaction) => redaction.ptr === ptr);
    const at = request.texts[index]?.at;
    if (own.length === 0 || at === undefined) return [];
    return [{ at, bytes: encoder.encode(JSON.stringify(redactText(text, own))) }];
  });
}
