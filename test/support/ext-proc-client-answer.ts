import { passFullDuplex } from './ext-proc-client-full-duplex.ts';
import { checkContentLength, type Headers } from './ext-proc-client-headers.ts';
import type { Beside } from './ext-proc-client-messages.ts';
import type { AnswerPlan } from './ext-proc-client-plan.ts';
import { editedBody, responseHeaders } from './ext-proc-client-reply.ts';
import { abortAt, bytesOf, clientResponse, decide, type Run } from './ext-proc-client-run.ts';
import { CLOSED_OK } from './ext-proc-client-stream.ts';

/** An answer on its way to the client. */
interface Passing {
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Goes with the next message of the answer. */
  readonly beside: Beside;
  /** False once the server ended the stream: the rest passes without it. */
  readonly isWatched: boolean;
}

/** Takes an answer through the filter; what the client gets is in `run.response`. */
export async function passAnswer(run: Run, answer: AnswerPlan): Promise<void> {
  const { attributes, metadata } = answer;
  const arrived: Passing = {
    headers: [[':status', String(answer.status)], ...answer.headers],
    body: Buffer.concat(answer.chunks.map(bytesOf)),
    beside: { ...(attributes && { attributes }), ...(metadata && { metadata }) },
    isWatched: true,
  };
  if (isFullDuplex(run)) {
    return passFullDuplex(run, { answer, ...arrived, headersAre: 'held' });
  }
  const headed = run.stream.modes.responseHeaders === 'SEND' ? await passHeaders(run, arrived) : arrived;
  if (isFullDuplex(run)) {
    return passFullDuplex(run, { answer, ...headed, headersAre: 'sent' });
  }
  const passed = run.stream.modes.responseBody === 'BUFFERED' ? await passBody(run, headed, answer) : headed;
  run.response = clientResponse(passed.headers, passed.body, false);
  abortAt(run, 'in-answer');
  if (passed.isWatched && answer.usage && run.stream.modes.responseTrailers === 'SEND') {
    const beside = { ...passed.beside, usage: answer.usage };
    await decide(run, { phase: 'response-trailers', payload: { kind: 'response-trailers' }, beside });
  }
  run.response = clientResponse(passed.headers, passed.body, true);
}

function isFullDuplex(run: Run): boolean {
  return run.stream.modes.responseBody === 'FULL_DUPLEX_STREAMED';
}

async function passHeaders(run: Run, passing: Passing): Promise<Passing> {
  const common = await decide(run, {
    phase: 'response-headers',
    payload: { kind: 'response-headers', headers: passing.headers, endOfStream: passing.body.length === 0 },
    beside: passing.beside,
    abortPoint: 'deciding-response-headers',
  });
  const { metadata } = passing.beside;
  const beside = metadata ? { metadata } : {};
  if (common === CLOSED_OK) return { ...passing, beside, isWatched: false };
  return { ...passing, beside, headers: responseHeaders(passing.headers, common, run.filter) };
}

async function passBody(run: Run, passing: Passing, answer: AnswerPlan): Promise<Passing> {
  if (!passing.isWatched || passing.body.length === 0) return passing;
  const common = await decide(run, {
    phase: 'response-body',
    payload: { kind: 'response-body', body: passing.body, endOfStream: answer.usage === undefined },
    beside: passing.beside,
    abortPoint: 'in-answer',
  });
  if (common === CLOSED_OK) return { ...passing, isWatched: false };
  const headers = responseHeaders(passing.headers, common, run.filter);
  const body = editedBody(passing.body, common);
  checkContentLength(headers, body);
  return { ...passing, headers, body };
}
