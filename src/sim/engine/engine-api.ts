import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../../core/base/canonical-json.ts';
import type { CompletionRequest } from '../openai/completion-request.ts';
import { countTokens } from '../openai/tokens.ts';
import {
  type Admission,
  type ApiError,
  answerCompletion,
  type CompletionEndpoint,
} from '../server/completion-endpoint.ts';
import { sendJson } from '../server/send-json.ts';
import type { EngineSettings } from './engine-options.ts';

/** What the HTTP side of an engine works on. */
export interface EngineApi {
  readonly settings: EngineSettings;
  readonly endpoint: CompletionEndpoint;
  readonly startedAtSeconds: number;
  /** The text of GET /metrics, true or not as the faults have it. */
  readonly metricsText: () => string;
}

/** Answers one request as vLLM's OpenAI-compatible server does. Request faults meet the completion paths only. */
export async function answerEngineRequest(
  api: EngineApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      response.writeHead(200, { 'content-length': 0 }).end();
      return;
    case 'GET /metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(api.metricsText());
      return;
    case 'GET /v1/models':
      sendJson(response, 200, { object: 'list', data: modelList(api) });
      return;
    case 'POST /v1/chat/completions':
      await answerCompletion(api.endpoint, 'chat', request, response);
      return;
    case 'POST /v1/completions':
      await answerCompletion(api.endpoint, 'text', request, response);
      return;
    default:
      sendJson(response, 404, { detail: 'Not Found' });
  }
}

/** The checks of vLLM: a model that is served here, and a prompt and answer that fit its context. */
export function admitToEngine(settings: EngineSettings, request: CompletionRequest): Admission | ApiError {
  const adapter = settings.adapters.find((name) => name === request.model);
  if (adapter === undefined && !settings.models.includes(request.model)) {
    return { status: 404, message: `The model \`${request.model}\` does not exist.`, param: 'model' };
  }
  const promptTokens = countTokens(request.prompt);
  const tokensLeft = settings.contextTokensMax - promptTokens;
  if (tokensLeft < (request.tokensMax ?? 1)) {
    const message =
      `This model's maximum context length is ${settings.contextTokensMax} tokens. However, your request has ` +
      `${promptTokens} input tokens and asks for ${request.tokensMax ?? 1} output tokens. Please reduce either.`;
    return { status: 400, message, param: request.tokensMax === undefined ? 'input_tokens' : 'max_tokens' };
  }
  return { model: adapter ?? settings.models[0], adapter, tokensLeft };
}

/** vLLM's error body: the type in words, the code is the status. */
export function engineErrorBody({ status, message, param }: ApiError): Json {
  const types: Readonly<Record<number, string>> = { 400: 'BadRequestError', 404: 'NotFoundError' };
  return { error: { message, type: types[status] ?? 'InternalServerError', param, code: status } };
}

function modelList({ settings, startedAtSeconds }: EngineApi): Json {
  const [root] = settings.models;
  const entry = (id: string, parent: string | null) => ({
    id,
    object: 'model',
    created: Math.floor(startedAtSeconds),
    owned_by: 'vllm',
    root: parent === null ? root : id,
    parent,
    max_model_len: parent === null ? settings.contextTokensMax : null,
  });
  return [...settings.models.map((id) => entry(id, null)), ...settings.adapters.map((id) => entry(id, root))];
}
