import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../../core/base/canonical-json.ts';
import type { EngineLoop } from '../engine/engine-loop.ts';
import { type CompletionRequest, readCompletionRequest } from '../openai/completion-request.ts';
import { breakConnection } from './break-connection.ts';
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

/** Answers a POST of a completion: identity, faults, checks of the body, then the loop. */
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
    breakConnection(request.socket);
    return;
  }
  const unauthorized = endpoint.authorize(request);
  seen.authorized = unauthorized === undefined;
  response.once('close', () => {
    if (seen.outcome === 'open') seen.outcome = 'aborted';
  });
  const body = await readBody(request);
  if (body === undefined) {
    breakConnection(request.socket);
    return;
  }
  logBody(seen, body);
  const read = readCompletionRequest(api, body);
  if (read.ok) seen.model = read.value.model;
  if (fault?.kind === 'hang') return;
  const exchange: Exchange = { endpoint, response, seen, fault };
  if (unauthorized !== undefined) {
    refuse(exchange, unauthorized);
  } else if (fault?.kind === 'status') {
    const retry = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
    refuse(exchange, { status: fault.status, message: 'The simulator was told to fail.', param: null }, retry);
  } else if (read.ok) {
    const admission = endpoint.admit(read.value);
    if ('status' in admission) refuse(exchange, admission);
    else run(exchange, read.value, admission);
  } else {
    refuse(exchange, { status: 400, ...read.error });
  }
}

interface Exchange {
  readonly endpoint: CompletionEndpoint;
  readonly response: ServerResponse;
  readonly seen: SeenRequest;
  readonly fault: RequestFault | undefined;
}

function refuse(
  { endpoint, response, seen }: Exchange,
  error: ApiError,
  headers: { readonly [name: string]: string } = {},
): void {
  seen.status = error.status;
  seen.outcome = 'answered';
  sendJson(response, error.status, endpoint.errorBody(error), headers);
}

function run({ endpoint, response, seen, fault }: Exchange, request: CompletionRequest, admission: Admission): void {
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
