import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../../core/base/canonical-json.ts';
import type { EngineLoop } from '../engine/engine-loop.ts';
import { type CompletionRequest, readCompletionRequest } from '../openai/completion-request.ts';
import { readBody } from './read-body.ts';
import { type FaultGate, type RequestFault, takeFault } from './request-fault.ts';
import { logBody, logRequest, type SeenRequest } from './request-log.ts';
import { sendJson } from './send-json.ts';
import { serveCompletion } from './serve-completion.ts';

/** A refusal, before it has the shape of a server's errors. */
export interface ApiError {
  readonly status: number;
  readonly message: string;
  readonly param: string | null;
}

/** How an accepted request is run and what its answer says of it. */
export interface Admission {
  readonly model: string;
  readonly adapter?: string | undefined;
  readonly tokensLeft: number;
}

/** What a simulated server adds to the common way of a completion. */
export interface CompletionEndpoint {
  readonly loop: EngineLoop;
  readonly gate: FaultGate;
  readonly requests: SeenRequest[];
  readonly seed: number;
  readonly extra: { readonly [name: string]: Json };
  readonly authorize: (request: IncomingMessage) => ApiError | undefined;
  readonly admit: (request: CompletionRequest) => Admission | ApiError;
  readonly errorBody: (error: ApiError) => Json;
}

/** Answers a POST of a completion: fault, identity, body, checks of the server, then the loop. */
export async function answerCompletion(
  endpoint: CompletionEndpoint,
  api: CompletionRequest['api'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const seen = logRequest(endpoint.requests, request);
  const fault = takeFault(endpoint.gate);
  if (fault?.kind === 'refuse') {
    seen.outcome = 'broken';
    request.socket.resetAndDestroy();
    return;
  }
  response.once('close', () => {
    if (seen.outcome === 'open') seen.outcome = 'aborted';
  });
  const body = await readBody(request);
  if (body === undefined) {
    request.socket.destroy();
    return;
  }
  logBody(seen, body);
  const read = readCompletionRequest(api, body);
  if (read.ok) seen.model = read.value.model;
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'status') {
    const retry = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
    const error = { status: fault.status, message: 'The simulator was told to fail.', param: null };
    refuse(endpoint, response, seen, error, retry);
    return;
  }
  const unauthorized = endpoint.authorize(request);
  if (unauthorized !== undefined) {
    refuse(endpoint, response, seen, unauthorized);
    return;
  }
  if (!read.ok) {
    refuse(endpoint, response, seen, { status: 400, ...read.error });
    return;
  }
  const admission = endpoint.admit(read.value);
  if ('status' in admission) refuse(endpoint, response, seen, admission);
  else run(endpoint, read.value, admission, response, seen, fault);
}

function refuse(
  endpoint: CompletionEndpoint,
  response: ServerResponse,
  seen: SeenRequest,
  error: ApiError,
  headers: { readonly [name: string]: string } = {},
): void {
  seen.status = error.status;
  seen.outcome = 'answered';
  sendJson(response, error.status, endpoint.errorBody(error), headers);
}

function run(
  endpoint: CompletionEndpoint,
  request: CompletionRequest,
  admission: Admission,
  response: ServerResponse,
  seen: SeenRequest,
  fault: RequestFault | undefined,
): void {
  seen.status = 200;
  serveCompletion({
    request,
    head: {
      api: request.api,
      id: `${request.api === 'chat' ? 'chatcmpl' : 'cmpl'}-${randomUUID().replaceAll('-', '')}`,
      createdAtSeconds: Math.floor(Date.now() / 1_000),
      model: admission.model,
      extra: endpoint.extra,
    },
    response,
    loop: endpoint.loop,
    seed: endpoint.seed,
    tokensLeft: admission.tokensLeft,
    adapter: admission.adapter,
    resetAfterTokens: fault?.kind === 'reset' ? fault.afterTokens : undefined,
    onEnd(outcome) {
      seen.outcome = outcome;
    },
  });
}
