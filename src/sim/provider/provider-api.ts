import { timingSafeEqual } from 'node:crypto';
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

/** The context of every model here, in tokens. */
const CONTEXT_TOKENS_MAX = 128_000;

export interface ProviderApi {
  readonly endpoint: CompletionEndpoint;
  readonly models: readonly string[];
  /** What the paths of the API begin with, such as `/v1`. */
  readonly basePath: string;
}

/** Answers one request as OpenAI does. Faults meet the chat completions only. */
export async function answerProviderRequest(
  api: ProviderApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  switch (`${request.method} ${path}`) {
    case `POST ${api.basePath}/chat/completions`:
      await answerCompletion(api.endpoint, 'chat', request, response);
      return;
    case `GET ${api.basePath}/models`:
      listModels(api, request, response);
      return;
    default: {
      const message = `Invalid URL (${request.method} ${path})`;
      sendJson(response, 404, providerErrorBody({ status: 404, message, param: null }));
    }
  }
}

/** Undefined when the request carries `Authorization: Bearer <key>`. */
export function authorizeByKey(key: string, request: IncomingMessage): ApiError | undefined {
  const expected = Buffer.from(`Bearer ${key}`);
  const given = Buffer.from(request.headers.authorization ?? '');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return undefined;
  const message = given.length === 0 ? "You didn't provide an API key." : 'Incorrect API key provided.';
  return { status: 401, message, param: null };
}

/** The checks of OpenAI: a model of its list, and a prompt that fits. */
export function admitToProvider(models: readonly string[], request: CompletionRequest): Admission | ApiError {
  if (!models.includes(request.model)) {
    return { status: 404, message: `The model \`${request.model}\` does not exist.`, param: 'model' };
  }
  const tokensLeft = CONTEXT_TOKENS_MAX - countTokens(request.prompt);
  if (tokensLeft < 1) {
    const message = `This model's maximum context length is ${CONTEXT_TOKENS_MAX} tokens.`;
    return { status: 400, message, param: 'messages' };
  }
  return { model: request.model, tokensLeft };
}

/** OpenAI's error body: kind and code in words. */
export function providerErrorBody({ status, message, param }: ApiError): Json {
  const [type, code] =
    ERROR_WORDS[status] ?? (status >= 500 ? ['server_error', null] : ['invalid_request_error', null]);
  return { error: { message, type, param, code } };
}

const ERROR_WORDS: Readonly<Record<number, readonly [type: string, code: string]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

function listModels(api: ProviderApi, request: IncomingMessage, response: ServerResponse): void {
  const unauthorized = api.endpoint.authorize(request);
  if (unauthorized !== undefined) {
    sendJson(response, unauthorized.status, providerErrorBody(unauthorized));
    return;
  }
  const data = api.models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'simulator' }));
  sendJson(response, 200, { object: 'list', data });
}
