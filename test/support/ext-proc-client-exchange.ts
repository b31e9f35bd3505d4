import { passAnswer } from './ext-proc-client-answer.ts';
import type { CallEnd } from './ext-proc-client-call.ts';
import { OUTER_FILTER } from './ext-proc-client-filter.ts';
import { type Headers, immediateHeaders } from './ext-proc-client-headers.ts';
import type {
  AnswerPlan,
  ClientResponse,
  ExchangePlan,
  ExchangeResult,
  UpstreamRequest,
} from './ext-proc-client-plan.ts';
import { Immediate } from './ext-proc-client-reply.ts';
import { passRequest } from './ext-proc-client-request.ts';
import { Aborted, abortAt, clientResponse, type Run } from './ext-proc-client-run.ts';
import { type FilterStream, StreamFailed } from './ext-proc-client-stream.ts';

const DEFAULT_ANSWER: AnswerPlan = {
  status: 200,
  headers: [['content-type', 'application/json']],
  chunks: ['{"id":"1"}'],
};

/** Runs a request through the filter and gives what both sides of Envoy saw. Throws EnvoyRefusal. */
export async function runExchange(stream: FilterStream, plan: ExchangePlan): Promise<ExchangeResult> {
  const run: Run = { stream, plan, filter: plan.filter ?? OUTER_FILTER, response: undefined };
  let upstream: UpstreamRequest | undefined;
  const result = (decision: ExchangeResult['decision'], end: CallEnd, details?: string): ExchangeResult => ({
    decision,
    upstream,
    response: run.response,
    metadata: stream.metadata,
    details,
    responseBodyMode: stream.modes.responseBody,
    replies: stream.replies,
    end,
  });
  try {
    if (!plan.localReply) {
      upstream = await passRequest(run);
      abortAt(run, 'waiting-for-answer');
    }
    await passAnswer(run, plan.localReply ?? answerTo(plan, upstream));
    return result('continue', await stream.halfClose());
  } catch (stop) {
    if (stop instanceof Aborted) return result('aborted', await stream.abort(plan.abort?.how ?? 'reset'));
    if (stop instanceof StreamFailed) return result('failed', await stream.abort('half-close'));
    if (!(stop instanceof Immediate)) throw stop;
    const isCut = run.response !== undefined;
    run.response ??= immediateAnswer(stop.reply);
    return result(isCut ? 'cut' : 'immediate', await stream.halfClose(), stop.reply.details);
  }
}

function answerTo(plan: ExchangePlan, upstream: UpstreamRequest | undefined): AnswerPlan {
  return plan.upstream && upstream ? plan.upstream(upstream) : DEFAULT_ANSWER;
}

function immediateAnswer(reply: Immediate['reply']): ClientResponse {
  const headers: Headers = [[':status', String(reply.status?.code)], ...immediateHeaders(reply.headers)];
  return clientResponse(headers, reply.body, true);
}
