import { checkContentLength, type Headers, mutatedHeaders } from './ext-proc-client-headers.ts';
import type { Beside } from './ext-proc-client-messages.ts';
import type { RequestPlan, UpstreamRequest } from './ext-proc-client-plan.ts';
import { refuse } from './ext-proc-client-refusal.ts';
import { editedBody } from './ext-proc-client-reply.ts';
import { bytesOf, decide, type Run } from './ext-proc-client-run.ts';
import { CLOSED_OK } from './ext-proc-client-stream.ts';

/** Takes a request through the filter and gives what goes upstream. */
export async function passRequest(run: Run): Promise<UpstreamRequest> {
  const body = bytesOf(run.plan.request.body ?? '');
  const arrived: UpstreamRequest = { headers: clientHeaders(run.plan.request, body), body, isRouteCacheCleared: false };
  const { modes } = run.stream;
  const afterHeaders = modes.requestHeaders === 'SEND' ? await passHeaders(run, arrived) : arrived;
  if (afterHeaders === CLOSED_OK) return arrived;
  if (run.stream.modes.requestBody === 'NONE' || body.length === 0) return afterHeaders;
  if (run.stream.modes.requestBody !== 'BUFFERED') throw new Error(`not modelled: request ${modes.requestBody}`);
  return passBody(run, afterHeaders);
}

function clientHeaders(request: RequestPlan, body: Uint8Array): Headers {
  if (body.length === 0 || request.isChunked) return request.headers;
  return [...request.headers, ['content-length', String(body.length)]];
}

async function passHeaders(run: Run, request: UpstreamRequest): Promise<UpstreamRequest | typeof CLOSED_OK> {
  const { attributes, metadata } = run.plan.request;
  const beside: Beside = { ...(attributes && { attributes }), ...(metadata && { metadata }) };
  const common = await decide(run, {
    phase: 'request-headers',
    payload: { kind: 'request-headers', headers: request.headers, endOfStream: request.body.length === 0 },
    beside,
    abortPoint: 'deciding-request-headers',
  });
  if (common === CLOSED_OK) return CLOSED_OK;
  if (common?.bodyMutation) refuse('body-in-headers-reply');
  const headers = mutatedHeaders(request.headers, common?.headerMutation, run.filter.mayChangeEnvoyHeaders);
  return { ...request, headers, isRouteCacheCleared: common?.clearRouteCache ?? false };
}

async function passBody(run: Run, request: UpstreamRequest): Promise<UpstreamRequest> {
  const common = await decide(run, {
    phase: 'request-body',
    payload: { kind: 'request-body', body: request.body, endOfStream: true },
    beside: {},
    abortPoint: 'deciding-request-body',
  });
  if (common === CLOSED_OK) return request;
  const headers = mutatedHeaders(request.headers, common?.headerMutation, run.filter.mayChangeEnvoyHeaders);
  const body = editedBody(request.body, common);
  checkContentLength(headers, body);
  return { headers, body, isRouteCacheCleared: request.isRouteCacheCleared || (common?.clearRouteCache ?? false) };
}
