import type { ServerResponse } from 'node:http';
import type { TokenEvent } from '../engine/batch-step.ts';
import type { EngineLoop } from '../engine/engine-loop.ts';
import { type Answer, answerText } from '../openai/answer-text.ts';
import {
  type AnswerHead,
  DONE_EVENT,
  finishEvent,
  roleEvent,
  tokenEvent,
  type Usage,
  usageEvent,
  wholeBody,
} from '../openai/completion-body.ts';
import type { CompletionRequest } from '../openai/completion-request.ts';
import { countTokens } from '../openai/tokens.ts';
import { breakConnection } from './break-connection.ts';
import { sendJson } from './send-json.ts';

export interface CompletionJob {
  readonly request: CompletionRequest;
  readonly head: AnswerHead;
  readonly response: ServerResponse;
  readonly loop: EngineLoop;
  readonly seed: number;
  /** What the model's context leaves for the answer. */
  readonly tokensLeft: number;
  readonly adapter?: string | undefined;
  /** A fault: the connection is reset once so many tokens are out. */
  readonly resetAfterTokens?: number | undefined;
  /** Called once: the answer is complete, its client left, or the fault cut it. */
  readonly onEnd: (outcome: 'answered' | 'aborted' | 'broken') => void;
}

interface Progress {
  readonly job: CompletionJob;
  readonly answers: readonly Answer[];
  sequences: readonly number[];
  tokensOut: number;
  choicesLeft: number;
  cachedTokens: number;
  ended: boolean;
}

/**
 * Runs the request on the loop and writes its answer: whole at its end, or streamed as server-sent events, whose
 * headers go out before the first token exists, as vLLM sends them. A client that leaves ends its sequences.
 */
export function serveCompletion(job: CompletionJob): void {
  const { request, response } = job;
  const answers = Array.from({ length: request.choices }, (_, choice) =>
    answerText({
      seed: job.seed,
      prompt: request.prompt,
      lastUserText: request.lastUserText,
      choice,
      tokensMax: Math.min(request.tokensMax ?? job.tokensLeft, job.tokensLeft),
      ignoreEnd: request.ignoreEnd && request.tokensMax !== undefined,
    }),
  );
  const progress: Progress = {
    job,
    answers,
    sequences: [],
    tokensOut: 0,
    choicesLeft: answers.length,
    cachedTokens: 0,
    ended: false,
  };
  response.once('close', () => end(progress, 'aborted'));
  if (response.destroyed) {
    end(progress, 'aborted');
    return;
  }
  if (request.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
  }
  progress.sequences = answers.map((answer, choice) => submit(progress, answer, choice));
  if (job.resetAfterTokens === 0) reset(progress);
}

function submit(progress: Progress, answer: Answer, choice: number): number {
  const { request, loop, adapter } = progress.job;
  return loop.submit({
    promptTokens: countTokens(request.prompt),
    // An answer without a word still takes the step that finds its end.
    outputTokens: Math.max(1, answer.tokens.length),
    text: request.prompt + answer.tokens.join(''),
    adapter,
    finish: answer.finish,
    onToken: (event) => onToken(progress, answer, choice, event),
  });
}

function onToken(progress: Progress, answer: Answer, choice: number, event: TokenEvent): void {
  if (progress.ended) return;
  const { job } = progress;
  const text = answer.tokens[event.index];
  if (text !== undefined) progress.tokensOut += 1;
  if (choice === 0) progress.cachedTokens = event.cachedTokens;
  if (event.last) progress.choicesLeft -= 1;
  if (job.request.stream) {
    if (event.index === 0 && job.request.api === 'chat') job.response.write(roleEvent(job.head, choice));
    if (text !== undefined) job.response.write(tokenEvent(job.head, choice, text));
    if (event.last) job.response.write(finishEvent(job.head, choice, answer.finish));
  }
  if (job.resetAfterTokens !== undefined && progress.tokensOut >= job.resetAfterTokens) {
    reset(progress);
  } else if (progress.choicesLeft === 0) {
    complete(progress);
  }
}

function complete(progress: Progress): void {
  const { job, answers } = progress;
  const usage: Usage = {
    promptTokens: countTokens(job.request.prompt),
    completionTokens: progress.tokensOut,
    cachedTokens: progress.cachedTokens,
  };
  if (job.request.stream) {
    if (job.request.includeUsage) job.response.write(usageEvent(job.head, usage));
    job.response.end(DONE_EVENT);
  } else {
    const choices = answers.map(({ tokens, finish }) => ({ text: tokens.join(''), finish }));
    sendJson(job.response, 200, wholeBody(job.head, choices, usage));
  }
  end(progress, 'answered');
}

/** Cuts the connection after what was written has left for the socket. */
function reset(progress: Progress): void {
  end(progress, 'broken');
  const { socket } = progress.job.response;
  if (socket !== null) setImmediate(breakConnection, socket);
}

function end(progress: Progress, outcome: 'answered' | 'aborted' | 'broken'): void {
  if (progress.ended) return;
  progress.ended = true;
  for (const id of progress.sequences) progress.job.loop.abort(id);
  progress.job.onEnd(outcome);
}
