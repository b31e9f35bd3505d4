import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessingResponse } from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import type { Phase } from './ext-proc-client-filter.ts';
import type { Headers } from './ext-proc-client-headers.ts';
import type { Beside } from './ext-proc-client-messages.ts';
import type { AnswerPlan } from './ext-proc-client-plan.ts';
import { refuse } from './ext-proc-client-refusal.ts';
import { commonOf, responseHeaders, streamedChunk } from './ext-proc-client-reply.ts';
import { abortAt, bytesOf, clientResponse, type Run } from './ext-proc-client-run.ts';
import { CLOSED_OK } from './ext-proc-client-stream.ts';

export interface DuplexAnswer {
  readonly answer: AnswerPlan;
  readonly headers: Headers;
  readonly beside: Beside;
  /** `held`: the headers go to the server with the body and wait for its reply. `sent`: they have had their reply. */
  readonly headersAre: 'held' | 'sent';
}

/** An answer whose body is in the server's hands: messages go out without waiting, what comes back is what the client sees. */
export async function passFullDuplex(run: Run, duplex: DuplexAnswer): Promise<void> {
  const taking = takeReplies(run, duplex);
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  taking.then(settle, settle);
  const { answer } = duplex;
  if (duplex.headersAre === 'held') {
    const endOfStream = answer.chunks.length === 0;
    run.stream.post({ kind: 'response-headers', headers: duplex.headers, endOfStream }, duplex.beside);
    abortAt(run, 'deciding-response-headers');
  }
  // Envoy repeats the metadata in every message, the attributes in none.
  const metadata: Beside = answer.metadata ? { metadata: answer.metadata } : {};
  for (const chunk of answer.chunks) {
    run.stream.post({ kind: 'response-body', body: bytesOf(chunk), endOfStream: false }, metadata);
    await nextTurn();
    if (isSettled) return taking;
    abortAt(run, 'in-answer');
  }
  postEnd(run, answer, metadata);
  return taking;
}

/** The usage that was found makes the trailers; without it an empty chunk ends the body. */
function postEnd(run: Run, { usage, chunks }: AnswerPlan, metadata: Beside): void {
  if (usage) run.stream.post({ kind: 'response-trailers' }, { ...metadata, usage });
  else if (chunks.length > 0) {
    run.stream.post({ kind: 'response-body', body: new Uint8Array(0), endOfStream: true }, metadata);
  }
}

async function takeReplies(run: Run, duplex: DuplexAnswer): Promise<void> {
  let { headers } = duplex;
  if (duplex.headersAre === 'held') {
    const reply = await take(run, 'response-headers');
    headers = responseHeaders(headers, commonOf(reply, 'response-headers'), run.filter);
  }
  let body: Uint8Array = new Uint8Array(0);
  run.response = clientResponse(headers, body, false);
  const hasBody = duplex.answer.chunks.length > 0 || duplex.answer.usage !== undefined;
  for (let isOpen = hasBody; isOpen; ) {
    const reply = await take(run, 'response-body');
    if (reply.response.case === 'responseTrailers') {
      if (!duplex.answer.usage) refuse('wrong-kind', 'trailers of an answer without trailers');
      isOpen = false;
    } else {
      const chunk = streamedChunk(commonOf(reply, 'response-body'));
      body = Buffer.concat([body, chunk.body]);
      run.response = clientResponse(headers, body, false);
      isOpen = !chunk.endOfStream;
    }
  }
  run.response = clientResponse(headers, body, true);
}

async function take(run: Run, phase: Phase): Promise<ProcessingResponse> {
  const reply = await run.stream.take(phase);
  if (reply === CLOSED_OK) return refuse('bytes-lost', 'the stream was closed before the body was whole');
  if (phase === 'response-headers' && reply.response.case === 'responseBody') refuse('body-before-headers-reply');
  return reply;
}
