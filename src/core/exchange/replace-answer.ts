import { refusalBody, refuse } from '../decide/refusal.ts';
import type { Answering, ExchangeStep } from './exchange.ts';
import type { ImmediateReply } from './messages.ts';
import { ownAnswer } from './refuse-exchange.ts';
import type { AnswerWatch } from './watch-answer.ts';

/**
 * The step that puts an answer of ours in the place of a watched one of which no byte was let out: one that a guardrail
 * blocked, or an error that could not be judged. Undefined where the answer may pass.
 */
export function replaceAnswer(exchange: Answering, watch: AnswerWatch): ExchangeStep | undefined {
  const reply = replacement(exchange, watch);
  if (reply === undefined) return undefined;
  const { status } = reply;
  const upstream = status === exchange.status ? {} : { upstreamStatus: exchange.status };
  return { exchange: { ...exchange, watch, status, ...upstream }, replies: [reply], events: [] };
}

function replacement({ decision, status }: Answering, watch: AnswerWatch): ImmediateReply | undefined {
  const { id } = decision.record;
  if (watch.blocked !== undefined) {
    const { reason, message, code } = watch.blocked;
    const refusal = refuse(reason, message, code);
    return ownAnswer(refusal.status, refusalBody(refusal), id, 'headgate_answer_blocked');
  }
  if (watch.kind !== 'error' || watch.replaced === undefined) return undefined;
  const message = 'The upstream answered with an error that the policies of this route could not judge.';
  const refusal = refuse('upstream-refused', message, 'answer-unjudged');
  // What is no error and no success either, such as a redirection, would be nothing with this body.
  return ownAnswer(status < 400 ? refusal.status : status, refusalBody(refusal), id, 'headgate_error_replaced');
}
